import { harbour } from './harbour.ts';
import type { Plan } from './plan.ts';

/** The pictures that can be taken, by name. */
export const plans = { harbour } satisfies Record<string, Plan>;
