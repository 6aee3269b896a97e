import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, watch } from 'node:fs';
import { readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { before } from 'node:test';
import { random } from '../../../src/data/random.ts';
import { loadCheckpoint } from '../../../src/networks/checkpoint.ts';
import { loadRunState, type RunState } from '../../../src/train/run/run-state.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { type CliProcess, expectUserError, runCli, startCli } from '../../helpers/run-cli.ts';
import { withSmallDisk } from '../../helpers/small-disk.ts';
import { sharedFolder, temporaryFolder } from '../../helpers/temporary-folder.ts';
import { drawnPhoto, tinyDataset } from '../../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../../helpers/tiny-loss-network.ts';
import { SKIP_WITHOUT_SIGNALS, untilInterruptible, waitFor } from '../../helpers/wait-for.ts';

const folder = sharedFolder();
const at = (name: string) => join(folder, name);

before(async () => {
  await tinyDataset(folder, 5);
  await writeTinyLossNetwork(at('vgg.safetensors'));
  await drawnPhoto(at('wave.png'), 60, 48, { seed: 9 });
});

/** A call whose steps take milliseconds. */
function train(...more: readonly string[]): string[] {
  const fixed = `train --style ${at('wave.png')} --data ${at('dataset')} --loss-network ${at('vgg.safetensors')}`;
  const small =
    '--architecture c3s1-4,c3s1-3 --style-weight 4 --style-layers relu1_1 --content-layers relu2_2 --image-size 32 --style-size 64 --batch 2 --warmup 5 --precision f32 --preview-every 0 --out . --run run';
  return [...`${fixed} ${small}`.split(' '), ...more];
}

/** The log without what differs between two runs: times, paces, memory, and the lines that say that one was resumed. */
async function losses(cwd: string): Promise<unknown[]> {
  const lines = (await readFile(join(cwd, 'run', 'log.jsonl'), 'utf8')).trim().split('\n');
  return lines
    .map((line) => ({ ...JSON.parse(line), time: '', imagesPerSecond: 0, memory: 0 }))
    .filter((line) => !('event' in line));
}

/** A state without its id, in the order of its tensors' names. */
const essence = ({ run: _, tensors, ...rest }: RunState) => ({
  ...rest,
  tensors: tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
});

test('killed at any moment, even while writing, a run resumes to the same losses and weights', async (t) => {
  const steps = ['--steps', '90', '--checkpoint-every', '3'];
  const straight = await temporaryFolder(t);

  const broken = await temporaryFolder(t);
  const seed = Date.now();
  t.diagnostic(`seed ${seed}`);
  const next = random(seed);
  const stopped: number[] = [];
  for (let round = 0; round < 3; round++) {
    const resume = round === 0 ? [] : ['--resume'];
    const running = startCli(train(...steps, ...resume), { cwd: broken });
    // A state must be there to go on from; in later rounds, one that this process has written.
    const newest = () => (stopped.length === 0 ? 0 : stopped.at(-1)!);
    await waitFor('the folder of the run', () => existsSync(join(broken, 'run')), running);
    const seen = await firstState(join(broken, 'run'), newest(), running);
    const isPart = (name: string | null) => name?.endsWith('.part') === true;
    if (round % 2 === 0) await changesIn(join(broken, 'run'), 1 + Math.floor(12 * next()), running);
    else await changesIn(join(broken, 'run'), 1, running, isPart);
    running.child.kill('SIGKILL');
    assert.equal((await running.done).signal, 'SIGKILL');
    const { state } = await loadRunState(join(broken, 'run'));
    assert.ok(state.step >= seen);
    stopped.push(state.step);
  }
  t.diagnostic(`killed with ${stopped} steps saved`);
  assert.ok(stopped.at(-1)! < 90, 'the last kill came before the end');
  const last = await callCommand(train(...steps, '--resume'), { cwd: broken });
  assert.equal(last.code, 0, last.stderr);
  const whole = await callCommand(train(...steps), { cwd: straight });
  assert.equal(whole.code, 0, whole.stderr);

  assert.deepEqual(await losses(broken), await losses(straight));
  const [a, b] = await Promise.all([broken, straight].map((cwd) => loadRunState(join(cwd, 'run'))));
  assert.deepEqual(essence(a!.state), essence(b!.state));
  const [c, d] = await Promise.all(
    [broken, straight].map((cwd) => loadCheckpoint(join(cwd, 'wave.safetensors'))),
  );
  assert.deepEqual(c!.parameters, d!.parameters);
  assert.deepEqual(c!.losses, d!.losses);
  const left = (await readdir(broken, { recursive: true })).filter((name) => name.endsWith('.part'));
  assert.deepEqual(left, [], 'what was half-written is cleared away');
});

/** Waits for a state beyond a step; answers its step. */
async function firstState(run: string, beyond: number, process: CliProcess): Promise<number> {
  let newest = 0;
  const isBeyond = async () => {
    const steps = (await readdir(run)).map((name) =>
      Number(/^state-(\d+)\.safetensors$/.exec(name)?.[1] ?? 0),
    );
    newest = Math.max(...steps);
    return newest > beyond;
  };
  await waitFor(`a state beyond step ${beyond}`, isBeyond, process);
  return newest;
}

/** Waits for so many changes of files in a folder. @param counts whether a file's change is one of them; all are unless given. */
async function changesIn(
  folder: string,
  count: number,
  { child }: CliProcess,
  counts: (name: string | null) => boolean = () => true,
): Promise<void> {
  await new Promise<void>((resolve) => {
    let left = count;
    const end = () => {
      watcher.close();
      child.off('exit', end);
      resolve();
    };
    const watcher = watch(folder, (_, name) => {
      if (counts(name) && --left === 0) end();
    });
    child.on('exit', end);
  });
}

test('a damaged newest state is skipped with a note, and so is one whose bits have flipped', async (t) => {
  const cwd = await temporaryFolder(t);
  const first = await callCommand(train('--steps', '6', '--checkpoint-every', '2', '--keep', '3'), { cwd });
  assert.equal(first.code, 0, first.stderr);
  const state = (step: number) => join(cwd, 'run', `state-00000000${step}.safetensors`);
  const before = essence((await loadRunState(join(cwd, 'run'))).state);
  await truncate(state(6), 2000);
  const bytes = await readFile(state(4));
  bytes[bytes.length - 5]! ^= 1;
  await writeFile(state(4), bytes);
  const resumed = await callCommand(train('--resume'), { cwd });
  assert.equal(resumed.code, 0, resumed.stderr);
  const words = resumed.stderr.match(/^Skipped a damaged state: .*$/gm) ?? [];
  assert.equal(words.length, 2);
  assert.match(words[0]!, /state-000000006\.safetensors is not a sound/);
  assert.match(words[1]!, /a run state as it was written in .*state-000000004.* \(its checksum is wrong\)/);
  assert.deepEqual(essence((await loadRunState(join(cwd, 'run'))).state), before);
});

test('SIGTERM acts as Ctrl-C; a second Ctrl-C ends at once and harms nothing; --save-minutes counts', {
  skip: SKIP_WITHOUT_SIGNALS,
}, async (t) => {
  const cwd = await temporaryFolder(t);
  const long = ['--steps', '1000000', '--decay', 'none', '--checkpoint-every', '1000000'];
  const running = startCli(train(...long, '--save-minutes', '0.01'), { cwd });
  // 0.6 seconds, long before a million steps.
  await waitFor('a checkpoint', () => existsSync(join(cwd, 'wave.safetensors')), running);
  running.child.kill('SIGTERM');
  const stopped = await running.done;
  assert.equal(stopped.code, 130, stopped.stderr);
  assert.match(
    stopped.stderr,
    /^Ending after this step and saving everything; Ctrl-C again ends at once\.$/m,
  );
  const [, done] = /Stopped after step (\d+) of 1000000; everything is saved/.exec(stopped.stderr) ?? [];
  assert.equal((await loadRunState(join(cwd, 'run'))).state.step, Number(done));

  // A log that nobody reads holds the run up: it cannot end in order.
  const before = await readFile(join(cwd, 'wave.safetensors'));
  await rm(join(cwd, 'run', 'log.jsonl'), { force: true });
  execFileSync('mkfifo', [join(cwd, 'run', 'log.jsonl')]);
  const held = startCli(train(...long, '--resume'), { cwd });
  await untilInterruptible(held);
  held.child.kill('SIGINT');
  await waitFor('a word on the end', () => held.stderr().includes('Ending after this step'), held);
  held.child.kill('SIGINT');
  assert.equal((await held.done).signal, 'SIGINT');
  assert.equal((await loadRunState(join(cwd, 'run'))).state.step, Number(done));
  assert.deepEqual(await readFile(join(cwd, 'wave.safetensors')), before);
});

test('a disk that fills up while training ends the run in one line; earlier states stay usable', async (t) => {
  // Room for the report, a few states and their checkpoint besides the log, and then no more.
  await withSmallDisk(t, 128, async (disk) => {
    const cwd = await temporaryFolder(t);
    const args = train('--steps', '100000', '--checkpoint-every', '5', '--ignore-plan', '--keep', '9');
    const full = await runCli(
      args.map(
        (word) => ({ run: join(disk, 'run'), 'c3s1-4,c3s1-3': 'c3s1-4,d6,R6,u4,c3s1-3' })[word] ?? word,
      ),
      { cwd },
    );
    assert.equal(full.code, 1, full.stderr);
    assert.match(full.stderr, /^fast-style: Cannot write .*: no room is left on the disk/m);
    assert.doesNotMatch(full.stderr, /^ {4}at /m);
    const { state, passedOver } = await loadRunState(join(disk, 'run'));
    assert.ok(state.step >= 5 && state.step % 5 === 0);
    assert.deepEqual(passedOver, []);
  });
});

test('a resumed run does not replace the checkpoint of another', async (t) => {
  const cwd = await temporaryFolder(t);
  const few = ['--steps', '2'];
  const [one, two] = await Promise.all([
    callCommand(train(...few, '--name', 'one'), { cwd }),
    callCommand(
      train(...few, '--name', 'two').map((word) => (word === 'run' ? 'other' : word)),
      { cwd },
    ),
  ]);
  assert.deepEqual([one.code, two.code], [0, 0], one.stderr + two.stderr);
  const { mtimeMs } = await stat(join(cwd, 'two.safetensors'));
  expectUserError(
    await callCommand(train('--resume', '--steps', '3', '--name', 'two'), { cwd }),
    /two\.safetensors exists already and belongs to another run; choose another --name/,
  );
  assert.equal((await stat(join(cwd, 'two.safetensors'))).mtimeMs, mtimeMs);
  const own = await callCommand(train('--resume', '--steps', '3', '--name', 'one'), { cwd });
  assert.equal(own.code, 0, own.stderr);
});

test('a run starts from a style, resumes by the same command, and is bound to what it started from', async (t) => {
  const cwd = await temporaryFolder(t);
  const started = await callCommand(train('--steps', '4', '--name', 'first'), { cwd });
  assert.equal(started.code, 0, started.stderr);
  const first = join(cwd, 'first.safetensors');
  const given = train().filter((word, i, words) => ![word, words[i - 1]].includes('--architecture'));
  const withoutArchitecture = given.slice(0, given.indexOf('--run'));
  const from = (style: string, ...more: readonly string[]) => [
    ...withoutArchitecture,
    '--run',
    'run2',
    '--name',
    'second',
    '--from',
    style,
    ...more,
  ];
  const warm = await callCommand(from('./first.safetensors', '--steps', '4'), { cwd });
  assert.equal(warm.code, 0, warm.stderr);
  assert.match(warm.stderr, /Training second from first: 4 steps/);
  const { training, architecture } = await loadCheckpoint(join(cwd, 'second.safetensors'));
  assert.equal(architecture, 'c3s1-4,c3s1-3');
  const [leg] = training.legs as { from: Record<string, unknown> }[];
  const sha256 = createHash('sha256')
    .update(await readFile(first))
    .digest('hex');
  const own = (await loadCheckpoint(first)).training.legs as { config: Record<string, unknown> }[];
  assert.deepEqual(leg!.from, { name: 'first', sha256, steps: 4, images: 8, legs: own });
  assert.deepEqual([own.length, own[0]!.config.steps, 'from' in own[0]!], [1, 4, false]);
  const again = await callCommand(from('./first.safetensors', '--steps', '6', '--resume'), { cwd });
  assert.equal(again.code, 0, again.stderr);
  const { legs } = (await loadRunState(join(cwd, 'run2'))).state;
  assert.deepEqual([legs.length, legs[0]!.from, legs[1]!.from], [2, leg!.from, undefined]);
  for (const [call, message, code] of [
    [from('./second.safetensors', '--resume'), /what the run was started from \(the file of first/, 1],
    [
      from('./first.safetensors', '--overwrite', '--architecture', 'c3s1-4,d6,u4,c3s1-3'),
      /the architecture of first/,
      2,
    ],
    [from('nowhere', '--overwrite'), /the name or file of a trained style/, 1],
  ] as const)
    expectUserError(await callCommand(call, { cwd }), message, code);
});
