import { bfloat16Units } from '../../src/engine/bfloat16-units.ts';
import { convolvesInBfloat16 } from '../../src/engine/measure-convolution.ts';

/** Why a test of bf16 is skipped; false where the machine computes in it. Emulated, it rounds otherwise, and nobody is offered it. */
export const withoutBfloat16: string | false =
  !(bfloat16Units().present && convolvesInBfloat16()) && 'this machine does not compute in bf16';
