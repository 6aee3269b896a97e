/** The project's own photos, where none is given. Imported by what only declares options: it imports nothing heavy. */
import { fileURLToPath } from 'node:url';

/** All of them: a folder. */
export const SAMPLES = fileURLToPath(new URL('../../samples', import.meta.url));
/** One of them. */
export const SAMPLE = fileURLToPath(new URL('../../samples/harbour.jpg', import.meta.url));
