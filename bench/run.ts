/**
 * `npm run bench [-- --quick] [-- --only <part of sections' names, several with commas>] [-- --without-peers]`: ours and
 * the peers, section by section. Each section is written as soon as it is measured and replaces the one before; all
 * others stay as they are. Machines with and without bf16 units have a page each, and so has a GPU (`-- --gpu`, bench/gpu).
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cardInWords, nvidiaCard } from '../src/engine/runtime/find-tools.ts';
import { writeFileAtomically } from '../src/system/atomic-file.ts';
import { isBroken } from './agreement.ts';
import { stylesSection, trainingSection } from './bfloat16-quality.ts';
import { type Case, caseGroups, growthCases, isLarge } from './cases.ts';
import { coldStarts } from './cold-start.ts';
import { type Engine, enginesFor, enginesForGrowth } from './engines.ts';
import { GPU_PAGE, GPU_PREAMBLE, gpuSections } from './gpu/gpu-bench.ts';
import { pythonWithTorch } from './gpu/python-with-torch.ts';
import { askMachine, hasBfloat16Units, provenance } from './machine.ts';
import { measureCase } from './measure-case.ts';
import { measureOptimisation } from './measure-optimisation.ts';
import { minimizersOn } from './minimizers.ts';
import { optimisationCases } from './optimisation-case.ts';
import { optimisationSection } from './optimisation-report.ts';
import { pythonEnvironment } from './python-environment.ts';
import { caseSection, coldStartSection, growthSection } from './report.ts';
import { formatPage, parsePage } from './sections.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    'without-peers': { type: 'boolean', default: false },
    gpu: { type: 'boolean', default: false },
    device: { type: 'string', default: 'cuda' },
    python: { type: 'string' },
    page: { type: 'string' },
  },
});
const say = (line: string) => console.log(line);
const roundsOf = (one: Case) => (options.quick || isLarge(one) ? 3 : 9);

const PREAMBLE = `
Written by \`npm run bench\`, section by section. \`-- --quick\` takes 3 rounds instead of 9; \`-- --only forward-full,growth\` measures only the
sections with these words in their names.

- Every engine runs in its own process with all cores. Within a case they take turns, one run each, except at 3840×2160. Weights, pictures and losses are
  the same. Times are medians after warm-up, with their range, from pixels in memory to pixels in memory (training: to the loss terms).
- A time counts only if the output agrees with ours run op by op: f32 within 1 % of the range, bf16 with a PSNR of 46 dB.
- × is how many times as long an engine takes as ours. The percentage compares the speed of the convolutions with the peak, that of one 3×3 convolution of
  64 channels.
- Memory is the largest resident size of the process. Engines that need more than 10 GiB or 60 s for a run are skipped.
`;

/** The other page explains the figures of both. */
const PREAMBLE_WITHOUT_UNITS = `
On a machine without bf16 units. [performance.md](performance.md) says how these figures were measured and what they mean.
`;

interface Section {
  readonly name: string;
  readonly measure: () => Promise<string>;
}

const gpuDevice = options.device === 'cpu' ? 'cpu' : 'cuda';
const peers = () => (options.gpu ? pythonWithTorch(gpuDevice, options.python) : pythonEnvironment(say));
const environment = options['without-peers'] ? { missing: 'The peers were left out.' } : await peers();
const python = 'python' in environment ? environment.python : undefined;
if ('missing' in environment) say(environment.missing);
const card = options.gpu ? await nvidiaCard() : undefined;
const machine = await askMachine(python, card && cardInWords(card));
say(provenance(machine, new Date()));

const run = (one: Case, engines: readonly Engine[], rounds = roundsOf(one)) =>
  measureCase(one, { engines, python, rounds, say });
const growth = async () => {
  const results = [];
  for (const one of growthCases())
    results.push(await run(one, enginesForGrowth(python !== undefined), options.quick ? 3 : 5));
  return growthSection(results);
};
const cpuSections: readonly Section[] = [
  ...caseGroups().map(({ name, cases }) => ({
    name,
    measure: async () => {
      const results = [];
      for (const one of cases) results.push(await run(one, enginesFor(one, python !== undefined)));
      return caseSection(results, machine);
    },
  })),
  ...optimisationCases().map((one) => ({
    name: one.name,
    measure: async () => {
      const engines = minimizersOn(machine, python !== undefined);
      return optimisationSection(await measureOptimisation(one, { engines, python, say }), machine);
    },
  })),
  { name: 'growth', measure: growth },
  { name: 'cold-start', measure: async () => coldStartSection(await coldStarts(options.quick ? 3 : 9)) },
  {
    name: 'video',
    // With TensorFlow, which the other sections have in processes of their own.
    measure: async () => (await import('./film/throughput.ts')).throughputSection(options.quick ? 0.3 : 1),
  },
  {
    name: 'video-peers',
    measure: async () => (await import('./film/beside-peers.ts')).besidePeersSection(python, say),
  },
  { name: 'bf16-styles', measure: stylesSection },
  { name: 'bf16-training', measure: () => trainingSection(say) },
];
const rounds = options.quick ? 3 : 9;
const sections = options.gpu ? gpuSections({ device: gpuDevice, machine, python, rounds, say }) : cpuSections;
const words = options.only?.split(',') ?? [''];
const chosen = sections.filter(({ name }) => words.some((word) => name.includes(word)));
if (chosen.length === 0)
  throw new Error(
    `No section is called ${options.only}. Sections: ${sections.map(({ name }) => name).join(', ')}.`,
  );
const cpuPage = hasBfloat16Units(machine) ? 'performance.md' : 'performance-without-bf16-units.md';
const ownPage = options.gpu ? GPU_PAGE : fileURLToPath(new URL(`../docs/${cpuPage}`, import.meta.url));
const page = options.page ?? ownPage;
if (options.gpu && gpuDevice === 'cpu' && page === ownPage)
  throw new Error('Expected --page <file> for figures of a CPU, which are none of a GPU.');
const cpuPreamble = hasBfloat16Units(machine) ? PREAMBLE : PREAMBLE_WITHOUT_UNITS;
const [preamble, title] = options.gpu ? [GPU_PREAMBLE, 'Performance on a GPU'] : [cpuPreamble, 'Performance'];
const broken: string[] = [];
for (const { name, measure } of chosen) {
  say(`\n## ${name}`);
  const text = await measure();
  say(text);
  const before = parsePage(await readFile(page, 'utf8').catch(() => ''));
  const now = new Map(before).set(name, `${provenance(machine, new Date())}\n\n${text}`);
  const order = sections.map((section) => section.name);
  await writeFileAtomically(page, formatPage(now, order, preamble, title), { overwrite: true });
  if (isBroken(text)) broken.push(name);
}
say(`\nWritten to ${page}`);
if (broken.length > 0)
  throw new Error(
    `Engines do not agree, or fail, in ${broken.join(', ')}: see the last column of their tables.`,
  );
