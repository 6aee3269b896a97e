import { convolvesInBfloat16 } from '../../src/engine/measure-convolution.ts';

/** Why a test of bf16 is skipped; false where the machine computes in it. */
export const withoutBfloat16: string | false =
  !convolvesInBfloat16() && 'this machine does not compute in bf16';
