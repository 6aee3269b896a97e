/** `npm run bench -- --gpu`: ours and PyTorch on one card. */
import { fileURLToPath } from 'node:url';
import { type Case, type CaseGroup, gpuCaseGroups, QUARTER_WIDTHS } from '../cases.ts';
import { type Engine, enginesOnGpu, enginesWithXla } from '../engines.ts';
import type { Machine } from '../machine.ts';
import { measureCase } from '../measure-case.ts';
import { type CaseResult, caseSection, type Target } from '../report.ts';
import { realTrainingSection } from './real-training.ts';

export const GPU_PAGE = fileURLToPath(new URL('../../docs/performance-gpu.md', import.meta.url));

export const GPU_PREAMBLE = `
Written by \`npm run bench -- --gpu\`: \`--quick\` takes 3 rounds instead of 9, \`--only\` measures single sections, \`--python\` names the Python whose PyTorch
is compared (default: python3), and \`--device cpu --page <file>\` tries everything in miniature without a GPU. [performance.md](performance.md) says how
engines are measured. Here PyTorch's f32 is TF32, as ours is; cuDNN is autotuned on both sides. 'On the device' is without transfer of pixels; 'XLA' has
TensorFlow compile parts of the graph (\`TF_XLA_FLAGS\`).
`;

/** As much faster as ours is to be. */
const TARGETS: readonly Target[] = [
  ...[
    ['training-full-vgg19', 1.5],
    ['training-full-vgg19-batch-16', 2],
  ].flatMap(([name, least]) =>
    [
      ['f32', 'PyTorch f32'],
      ['bf16', 'PyTorch bf16 autocast'],
    ].map(([precision, peer]) => ({
      ...{ case: name as string, least: least as number },
      ...{ ours: `fast-style compiled ${precision}`, peer: peer as string },
    })),
  ),
];

export interface GpuBenchOptions {
  readonly device: 'cuda' | 'cpu';
  readonly machine: Machine;
  readonly python: string | undefined;
  readonly rounds: number;
  readonly say: (line: string) => void;
}

/** The sections; on a CPU in miniature, to try the programs. */
export function gpuSections({ device, machine, python, rounds, say }: GpuBenchOptions) {
  const engines = enginesOnGpu(device, python !== undefined);
  const isDry = device === 'cpu';
  const groups = isDry ? gpuCaseGroups().map(inMiniature) : gpuCaseGroups();
  const section = ({ name, cases }: CaseGroup, ofEngines: readonly Engine[], targets: readonly Target[]) => ({
    name,
    measure: async () => {
      const results: CaseResult[] = [];
      for (const one of cases)
        results.push(await measureCase(one, { engines: ofEngines, python, rounds, say }));
      return caseSection(results, machine, isDry ? [] : targets);
    },
  });
  const steps = groups.find(({ name }) => name === 'training-full')!.cases;
  return [
    ...groups.map((group) => section(group, engines, TARGETS)),
    {
      name: 'train',
      measure: () =>
        realTrainingSection(
          isDry ? [1] : [1, 4, 16],
          isDry
            ? ['--image-size', '32', '--steps', '40', '--architecture', MINIATURE, '--from', 'none']
            : ['--image-size', '256'],
        ),
    },
    // Last, as XLA compiles for minutes.
    section(
      { name: 'training-xla', cases: steps.filter((one) => one.kind === 'training' && one.batch === 4) },
      enginesWithXla(device),
      [],
    ),
  ];
}

const MINIATURE = 'c3s1-4,d6,u4,c3s1-3';

function inMiniature({ name, cases }: CaseGroup): CaseGroup {
  const small = (one: Case): Case => {
    const size = { width: 32, height: 32, architecture: MINIATURE };
    if (one.kind === 'forward') return { ...one, ...size };
    return {
      ...one,
      ...size,
      batch: Math.min(one.batch, 4),
      vggWidths: QUARTER_WIDTHS.map((width) => width / 4),
    };
  };
  // Of each kind one: the others are the same programs.
  return { name, cases: cases.slice(1, 2).map(small) };
}
