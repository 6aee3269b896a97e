/** What a loss network computes, as a list of steps: the published VGGs', or those that a file describes. */
import { WeightsError } from '../../system/errors.ts';
import { printable } from '../../system/printable.ts';
import { convolutionNames, type LossNetworkKind } from './vgg-layout.ts';

/** One step: a convolution with its bias, a ReLU, or a pooling of 2×2. Its name is what others take from it. */
export interface Step {
  readonly name: string;
  readonly operation: 'conv' | 'relu' | 'pool';
  /** An earlier step, or `PIXELS`. */
  readonly from: string;
}

/** The picture in the convention that the weights were trained with. */
export const PIXELS = 'pixels';

/** The published network: every convolution is followed by a ReLU, every block by a pooling. */
export function vggSteps(kind: LossNetworkKind): readonly Step[] {
  const convolutions = convolutionNames(kind);
  const names = convolutions.flatMap((convolution, i) => {
    const block = convolution[4];
    const isLastOfBlock = convolutions[i + 1]?.[4] !== block;
    return [convolution, convolution.replace('conv', 'relu'), ...(isLastOfBlock ? [`pool${block}`] : [])];
  });
  return names.map((name, i) => ({
    name,
    operation: name.slice(0, 4) as Step['operation'],
    from: names[i - 1] ?? PIXELS,
  }));
}

/** Those of the steps, in their order, that the named ones need. */
export function stepsTo(steps: readonly Step[], names: readonly string[]): readonly Step[] {
  const needed = new Set(names);
  const found = steps.toReversed().filter(({ name, from }) => needed.has(name) && needed.add(from));
  return found.toReversed();
}

const STEP = /^(\w+) = (conv|relu|pool)\((\w+)\)$/;

/** Steps as metadata of a file: `conv1_1 = conv(pixels); relu1_1 = relu(conv1_1); …`. */
export function formatSteps(steps: readonly Step[]): string {
  return steps.map(({ name, operation, from }) => `${name} = ${operation}(${from})`).join('; ');
}

/**
 * The reverse of `formatSteps`.
 *
 * @throws {WeightsError} a step is not one, comes twice, or takes what no earlier one has made.
 */
export function parseSteps(text: string, file: string): readonly Step[] {
  const known = new Set([PIXELS]);
  return text.split('; ').map((part) => {
    const [, name, operation, from] = STEP.exec(part) ?? [];
    const fail = (why: string): never => {
      throw new WeightsError(`${file}: the step ${printable(part)} in its metadata ${why}.`);
    };
    if (name === undefined || from === undefined) return fail('should read like relu1_1 = relu(conv1_1)');
    if (!known.has(from)) return fail('takes what no earlier step has made');
    if (known.has(name)) return fail('comes twice');
    known.add(name);
    return { name, operation: operation as Step['operation'], from };
  });
}
