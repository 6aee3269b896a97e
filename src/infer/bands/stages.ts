import type { Enlargement } from '../../engine/ops/constants.ts';
import { type Layer, type Output, paddingOf } from '../../networks/architecture.ts';
import type { PictureSize } from '../../picture.ts';

/** What a convolution reads: a function, pixel by pixel, of what earlier stages have left. */
export type Activation =
  /** The picture's pixels, brought to [−1, 1]. */
  | { readonly kind: 'picture' }
  /** ReLU of the normalised result of a stage. */
  | { readonly kind: 'rectified'; readonly stage: number }
  /** What the stage has read, kept because a residual block adds to it. */
  | { readonly kind: 'kept'; readonly stage: number }
  /** A residual block's input plus the normalised result of its second convolution, `stage`. */
  | { readonly kind: 'sum'; readonly base: Activation; readonly stage: number };

/**
 * One convolution with what comes before it since the last one. Between two stages lie the statistics of the whole image,
 * which is where a transform net can be cut.
 */
export interface NetworkStage {
  /** Of its parameters: `layers.3.first` for `layers.3.first.kernel`. */
  readonly name: string;
  /** `same` and `colours`, the last one, keep the size; `down` halves it, rounded up; `up` doubles it. */
  readonly kind: 'same' | 'down' | 'up' | 'colours';
  /** How `up` doubles it. */
  readonly enlargement?: Enlargement;
  /** What lies beyond the border of what it convolves (`Layer`). */
  readonly border?: Layer['border'];
  /** What becomes of the colours. */
  readonly output?: Output;
  readonly kernel: number;
  readonly from: number;
  readonly to: number;
  readonly input: Activation;
  /** Whether what it reads is read once more, by a residual block's addition. */
  readonly keepsInput: boolean;
  /** How often its result has been halved: 2 for a quarter of the picture's sides. */
  readonly halvings: number;
}

/** A transform net as a chain of stages; the last one gives the colours. */
export function stagesOf(layers: readonly Layer[]): readonly NetworkStage[] {
  const stages: NetworkStage[] = [];
  let [current, width, halvings] = [{ kind: 'picture' } as Activation, 3, 0];
  const border = layers[0]?.border;
  const add = (
    stage: Omit<NetworkStage, 'border' | 'from' | 'halvings' | 'input' | 'keepsInput'>,
    keepsInput = false,
  ) => {
    if (stage.kind === 'down') halvings++;
    if (stage.kind === 'up') halvings--;
    const read = { from: width, input: current, keepsInput };
    stages.push({ ...stage, ...read, halvings, ...(border === undefined ? {} : { border }) });
    width = stage.to;
    current = { kind: 'rectified', stage: stages.length - 1 };
  };
  layers.forEach((layer, i) => {
    const [name, to] = [`layers.${i}`, layer.channels];
    switch (layer.kind) {
      case 'convolution':
        add(
          i === layers.length - 1
            ? { name, kind: 'colours', kernel: layer.kernel, to, output: layer.output ?? 'tanh' }
            : { name, kind: 'same', kernel: layer.kernel, to },
        );
        break;
      case 'down':
        add({ name, kind: 'down', kernel: 3, to });
        break;
      case 'up':
        add({ name, kind: 'up', kernel: 3, to, enlargement: layer.enlargement });
        break;
      case 'residual': {
        const base = current;
        // A sum of sums would have to be added up again each time.
        const keepsInput = base.kind === 'sum';
        add({ name: `${name}.first`, kind: 'same', kernel: 3, to }, keepsInput);
        const first = stages.length - 1;
        add({ name: `${name}.second`, kind: 'same', kernel: 3, to });
        current = {
          kind: 'sum',
          base: keepsInput ? { kind: 'kept', stage: first } : base,
          stage: stages.length - 1,
        };
      }
    }
  });
  return stages;
}

/** What an activation is made of, in the order in which a stage's function takes it. */
export function activationParts(activation: Activation): readonly Exclude<Activation, { kind: 'sum' }>[] {
  if (activation.kind !== 'sum') return [activation];
  return [...activationParts(activation.base), { kind: 'rectified', stage: activation.stage }];
}

/** Rows from `from` to before `to`. */
export interface Rows {
  readonly from: number;
  readonly to: number;
}

/** The rows that a stage reads for some of its result; they may lie beyond the border. */
export function rowsRead({ kind, kernel, border }: NetworkStage, { from, to }: Rows): Rows {
  if (kind === 'up') return { from: from / 2 - 1, to: to / 2 + 1 };
  const stride = kind === 'down' ? 2 : 1;
  const [before] = paddingOf(kernel, stride, border);
  const first = stride * from - before;
  return { from: first, to: first + stride * (to - from - 1) + kernel };
}

/** A side of a stage's result. */
export function resultSide({ kind }: NetworkStage, side: number): number {
  if (kind === 'down') return Math.ceil(side / 2);
  return kind === 'up' ? 2 * side : side;
}

/** Size of each stage's result. */
export function resultSizes(
  stages: readonly NetworkStage[],
  { height, width }: PictureSize,
): readonly PictureSize[] {
  let size: PictureSize = { height, width };
  return stages.map((stage) => {
    size = { height: resultSide(stage, size.height), width: resultSide(stage, size.width) };
    return size;
  });
}

/** What a part of an activation is read from: `raw 3` is the result of stage 3, `kept 3` what that stage has kept. */
export function sourceKey(part: Activation): string {
  if (part.kind === 'picture') return 'picture';
  if (part.kind === 'kept') return `kept ${part.stage}`;
  if (part.kind === 'rectified') return `raw ${part.stage}`;
  throw new Error('A sum is read from its parts.');
}

/**
 * Stages whose result is not kept but computed again, band by band, by the one stage that reads it: those at the picture's
 * own size, whose results are the largest by far and cheap for their size. Never two in a row.
 */
export function recomputedStages(stages: readonly NetworkStage[]): ReadonlySet<number> {
  const readers = stages.map(
    (_, i) =>
      stages.filter(({ input }) =>
        activationParts(input).some((part) => part.kind === 'rectified' && part.stage === i),
      ).length,
  );
  const chosen = new Set<number>();
  stages.forEach(({ kind, halvings, keepsInput, input }, i) => {
    if (kind === 'colours' || halvings > 0 || keepsInput || readers[i] !== 1) return;
    const onRecomputed = activationParts(input).some(
      (part) => part.kind === 'rectified' && chosen.has(part.stage),
    );
    if (!onRecomputed) chosen.add(i);
  });
  return chosen;
}

/** For each source the stage that reads it last; `stages.length` where it is read twice at once by that stage. */
export function lastReaders(
  stages: readonly NetworkStage[],
  recomputed: ReadonlySet<number>,
): ReadonlyMap<string, { readonly stage: number; readonly times: number }> {
  const sourcesOf = (stage: number): string[] =>
    activationParts(stages[stage]!.input).flatMap((part) => [
      sourceKey(part),
      ...(part.kind === 'rectified' && recomputed.has(part.stage) ? sourcesOf(part.stage) : []),
    ]);
  const last = new Map<string, { stage: number; times: number }>();
  stages.forEach((_, stage) => {
    const sources = sourcesOf(stage);
    for (const key of sources) {
      last.set(key, { stage, times: sources.filter((other) => other === key).length });
    }
  });
  return last;
}
