import { harbour } from './harbour.ts';
import type { Plan } from './plan.ts';
import { valley } from './valley.ts';

/** The pictures that can be taken, by name. */
export const plans = { harbour, valley } satisfies Record<string, Plan>;
