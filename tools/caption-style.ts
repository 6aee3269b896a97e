/**
 * Gives a trained style the name, title, author and licence under which it is shipped; weights and history stay.
 *
 *   node --import tsx tools/caption-style.ts <from> <to> <name> <file of the painting> <title> <author> <licence> [margin]
 */
import { loadCheckpoint, saveCheckpoint } from '../src/networks/checkpoint.ts';

const [from, to, name, file, title, author, licence, margin] = process.argv.slice(2);
if (!from || !to || !name || !file || !title || !author || !licence)
  throw new Error('Expected: <from> <to> <name> <file of the painting> <title> <author> <licence>');
const { layers: _, parameters, ...description } = await loadCheckpoint(from);
const style = { file, title, author, licence };
await saveCheckpoint(
  to,
  { ...description, name, style, ...(margin === undefined ? {} : { margin: Number(margin) }) },
  parameters,
  { overwrite: true },
);
