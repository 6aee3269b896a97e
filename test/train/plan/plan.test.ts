import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { peakOf } from '../../../bench/gpu-memory.ts';
import { describePlan } from '../../../src/commands/train/plan.ts';
import { FULL_WIDTH } from '../../../src/networks/architecture.ts';
import { availableMemory } from '../../../src/system/available-memory.ts';
import { ConfigError, FileError } from '../../../src/system/errors.ts';
import { parseTrainConfig, type TrainConfig } from '../../../src/train/config.ts';
import { median } from '../../../src/train/guard/step-check.ts';
import { graphMemory } from '../../../src/train/plan/gpu-memory.ts';
import { checkPlan, type PlanOptions, planRun, type Room } from '../../../src/train/plan/plan.ts';
import { probeSteps } from '../../../src/train/plan/probe-step.ts';
import { type MemoryReading, MemoryWatch } from '../../../src/train/run/memory-watch.ts';
import { saveRunState } from '../../../src/train/run/run-state.ts';
import { expectNoLeak } from '../../helpers/leak-check.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPicture } from '../../helpers/tiny-dataset.ts';
import { tinyLossNetwork } from '../../helpers/tiny-loss-network.ts';
import { config, trainer } from '../tiny-trainer.ts';

const options = (given: Partial<TrainConfig> = {}): PlanOptions => ({
  config: parseTrainConfig(given),
  lossNetwork: tinyLossNetwork(),
  paintingShape: 0.7,
  accumulate: 1,
  steps: 10_000,
  keep: 2,
  previewEvery: 500,
  previewPixels: 768 * 432,
});
const plenty = { memory: 1e12, resident: 3e8, disk: 1e12 };

test('memory grows with crop, batch, painting, width and loss network, and with nothing else', () => {
  const of = (given: Partial<TrainConfig>) => planRun(options(given)).memory;
  const usual = of({});
  assert.ok(usual > 0.6e9 && usual < 2e9, `${usual}`);
  const more: Partial<TrainConfig>[] = [
    { imageSize: 384 },
    { batch: 8 },
    { styleSize: 1024 },
    { architecture: FULL_WIDTH },
    { stabilityWeight: 1 },
  ];
  for (const given of more) assert.ok(of(given) > usual, JSON.stringify(given));
  assert.equal(of({ steps: 5, learningRate: 0.1, styleWeight: 3 }), usual);
  // It has to do for the largest phase to come.
  const steady = of({ stabilityWeight: 1, stabilityFrom: 0 });
  assert.equal(of({ stabilityWeight: 1, stabilityFrom: 0.9, smallCrops: 0.8 }), steady);
  assert.equal(of({ stabilityWeight: 1, stabilityFrom: 1 }), usual);
  assert.ok(of({ smallCrops: 1 }) < usual);
});

test('on a GPU memory is planned for the card, and settings that fit are proposed', () => {
  const on = (gpu: 'f32' | 'bf16', given: Partial<TrainConfig>): PlanOptions => ({ ...options(given), gpu });
  const usual = planRun(on('f32', {})).memory;
  for (const given of [
    { imageSize: 384 },
    { batch: 32 },
    { architecture: FULL_WIDTH },
    { stabilityWeight: 1 },
  ])
    assert.ok(planRun(on('f32', given)).memory > usual, JSON.stringify(given));
  // A step takes less than measuring a large painting did.
  assert.ok(planRun(on('f32', { batch: 1, styleSize: 4096 })).memory > usual);
  const big = { batch: 64, imageSize: 512, architecture: FULL_WIDTH };
  const need = planRun(on('f32', big)).memory;
  assert.ok(planRun(on('bf16', big)).memory < need);
  // What this process has there already counts as free, the processor's memory does not count.
  const fits = { total: need, free: 0.6 * need, own: 0.4 * need };
  const little = { memory: 1, resident: 1, disk: 1e12 };
  const check = (card: Room['card']) =>
    checkPlan(planRun(on('f32', big)), on('f32', big), { ...little, card: card! });
  check({ ...fits, free: 0.61 * need });
  check('unknown');
  assert.throws(
    () => check({ ...fits, own: 0 }),
    (error: Error) => {
      const said = /into the (\S+) GB of the GPU's memory that are free but received a batch of 64 at 512 px/;
      assert.equal(said.exec(error.message)?.[1], (0.6e-9 * need).toFixed(1));
      const parts = Number(/use --accumulate (\d+) \(/.exec(error.message)?.[1]);
      assert.ok(planRun({ ...on('f32', big), accumulate: parts }).memory <= 0.6 * need);
      assert.match(error.message, /or --ignore-plan to try anyway/);
      return error instanceof ConfigError;
    },
  );
  const says = (card: NonNullable<Room['card']>) =>
    describePlan({ plan: planRun(on('f32', {})), room: { ...little, card } }, undefined, 5)[0];
  const gigabytes = (usual / 1e9).toFixed(1);
  assert.equal(
    says({ total: 16e9, free: 14e9, own: 5e8 }),
    `  memory  about ${gigabytes} GB of the GPU at its peak; 14.5 GB of 16.0 GB are free`,
  );
  assert.match(says('unknown')!, /of the GPU at its peak; what is free there is not known$/);
});

test("the model of a card's memory is near what the recorded graph of a step holds", async () => {
  for (const [given, widths, precision] of [
    [{ imageSize: 192, batch: 3 }, [16, 32, 64, 128, 128], 'f32'],
    [{ imageSize: 192, batch: 6, architecture: FULL_WIDTH }, [32, 64, 128, 256, 256], 'bf16'],
    [{ imageSize: 192, batch: 3, stabilityWeight: 10 }, [32, 64, 128, 256, 256], 'f32'],
  ] as const) {
    const { architecture } = parseTrainConfig(given);
    const point = { architecture, styleSize: 256, steps: 6, ...given, precision, vggWidths: widths };
    const { peak, features } = await expectNoLeak(() => peakOf(point));
    const model = graphMemory(features, precision);
    assert.ok(Math.abs(model / peak - 1) < 0.1, `${JSON.stringify(given)}: ${model} for ${peak}`);
  }
});

test('a run takes as much disk as planned', async (t) => {
  const folder = await temporaryFolder(t);
  const of = await trainer();
  await saveRunState(folder, of.runState());
  const { state } = planRun({ ...options(), config });
  const { size } = await (await import('node:fs/promises')).stat(join(folder, 'state-000000000.safetensors'));
  assert.ok(size < state && state < size + 16e3, `${size} ${state}`);
  of.dispose();
  const { disk, previews } = planRun(options());
  assert.equal(previews, 20 * 768 * 432 * 0.5);
  assert.ok(disk > 20e6 && disk < 40e6, `${disk}`);
});

test('what does not fit is refused with settings that do', () => {
  checkPlan(planRun(options()), options(), plenty);
  const big = options({ batch: 32, imageSize: 512 });
  const refused = (of: PlanOptions, room: number): string => {
    let said = '';
    assert.throws(
      () => checkPlan(planRun(of), of, { ...plenty, memory: room, resident: 0 }),
      (error: Error) => {
        said = error.message;
        return error instanceof ConfigError;
      },
    );
    return said;
  };
  const need = planRun(big).memory;
  const message = refused(big, 0.9 * need);
  const [, batch] = /--batch (\d+)/.exec(message) ?? [];
  const [, parts] = /use --accumulate (\d+) \([\d.]+ GB, the same training\)/.exec(message) ?? [];
  assert.ok(planRun({ ...big, accumulate: Number(parts) }).memory <= 0.9 * need && 32 % Number(parts) === 0);
  const [, size] = /--image-size (\d+)/.exec(message) ?? [];
  for (const given of [
    { batch: Number(batch), imageSize: 512 },
    { batch: 32, imageSize: Number(size) },
  ]) {
    const smaller = planRun(options(given)).memory;
    assert.ok(smaller <= 0.9 * need && smaller > 0.5 * need, JSON.stringify(given));
  }
  const least = planRun(options({ batch: 1, imageSize: 64 })).memory;
  assert.match(refused(big, 1.1 * least), /use --batch 1 --image-size \d+ \(/);
  assert.match(refused(big, 1e8), /free memory, or use a loss network/);
  assert.throws(
    () => checkPlan(planRun(options()), options(), { ...plenty, disk: 1e6 }),
    (error: Error) => error instanceof FileError && /room on the disk/.test(error.message),
  );
});

test('a probe predicts the time of steps, and changes nothing', async () => {
  const slow = {
    ...config,
    imageSize: 64,
    batch: 4,
    steps: 40,
    architecture: 'c9s1-16,d32,R32x2,u16,c9s1-3',
  };
  const { pixels } = drawnPicture(64, 64 * 4, 5);
  async function* photos() {
    for (let index = 4; ; index += 4) yield { pixels, size: 64, count: 4, position: { epoch: 0, index } };
  }
  const of = await trainer({ config: slow, openBatches: photos });
  const before = of.runState();
  // Other work on the machine slows either: what is compared is the least of some alternating tries, and loosely.
  const [estimates, measured]: [number[], number[]] = [[], []];
  const isNear = () => Math.abs(Math.log(Math.min(...estimates) / Math.min(...measured))) < Math.log(1.6);
  for (let i = 0; i < 8 && !isNear(); i++) {
    estimates.push((await expectNoLeak(() => probeSteps(of, slow)))![0]!.seconds);
    assert.deepEqual(of.runState(), before);
    const seconds: number[] = [];
    let last = performance.now();
    for await (const { step } of of.steps()) {
      await setImmediate();
      seconds.push((performance.now() - last) / 1000);
      last = performance.now();
      if (step === 12) break;
    }
    of.restore(before);
    measured.push(median(seconds.slice(1)));
  }
  assert.ok(isNear(), `${estimates} estimated, ${measured} measured`);
  assert.equal(await probeSteps(of, { ...slow, steps: 5 }), undefined);
  of.dispose();
});

test('a container’s limit counts, its file cache does not', async (t) => {
  const root = await temporaryFolder(t);
  const put = async (path: string, content: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), content);
  };
  await put('proc/meminfo', 'MemTotal: 32000000 kB\nMemAvailable: 16000000 kB\n');
  assert.equal(availableMemory(root), 16_000_000 * 1024);
  await put('proc/self/cgroup', '0::/pod/box\n');
  await put('sys/fs/cgroup/pod/box/memory.max', 'max\n');
  await put('sys/fs/cgroup/pod/box/memory.current', '3000000000\n');
  await put('sys/fs/cgroup/pod/memory.max', '4000000000\n');
  await put('sys/fs/cgroup/pod/memory.current', '3500000000\n');
  await put('sys/fs/cgroup/pod/memory.stat', 'active_file 7\ninactive_file 1000000000\n');
  assert.equal(availableMemory(root), 1_500_000_000);
  await put('proc/self/cgroup', '8:cpu:/\n4:memory:/box\n');
  await put('sys/fs/cgroup/memory/box/memory.limit_in_bytes', '2000000000\n');
  await put('sys/fs/cgroup/memory/box/memory.usage_in_bytes', '1800000000\n');
  await put('sys/fs/cgroup/memory/box/memory.stat', 'inactive_file 5\ntotal_inactive_file 100000000\n');
  assert.equal(availableMemory(root), 300_000_000);
  assert.ok(availableMemory() > 1e8);
});

test('steady growth of memory is reported with its rate; peaks and a start are not growth', () => {
  const watch = (rss: (step: number) => number, steps: number) => {
    let step = 0;
    const read = (): MemoryReading => ({ rss: rss(++step), tensors: 100, available: 8e9 });
    const memory = new MemoryWatch({ read });
    return Array.from({ length: steps }, () => memory.look()).filter((news) => news !== undefined);
  };
  assert.deepEqual(
    watch((step) => 1e9 + (step % 7) * 1e8, 5000),
    [],
  );
  assert.deepEqual(
    watch((step) => 1e9 + 5e8 * (1 - Math.exp(-step / 30)), 5000),
    [],
  );
  const [news, ...rest] = watch((step) => 1e9 + 2e5 * step, 700);
  assert.deepEqual(rest, []);
  assert.match(
    news!.text,
    /from 1000 MB to 1100 MB over the last 500 steps; at this pace it lasts for some 38\d\d\d more/,
  );
  assert.equal(news!.stop, false);
});
