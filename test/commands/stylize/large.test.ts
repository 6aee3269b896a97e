import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { readPicture } from '../../../src/data/image-file.ts';
import { parseMemory } from '../../../src/infer/bands/memory-plan.ts';
import { callCommand } from '../../helpers/call-command.ts';
import { expectUserError, startCli } from '../../helpers/run-cli.ts';
import { withSmallDisk } from '../../helpers/small-disk.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { writeTinyCheckpoint } from '../../helpers/tiny-checkpoint.ts';
import { drawnPhoto } from '../../helpers/tiny-dataset.ts';
import { waitFor } from '../../helpers/wait-for.ts';

test('in bands a photo comes out as in one piece, and the plan is printed', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(
    join(folder, 'noise.safetensors'),
    'c9s1-8,d8,d8,R8x2,u8,u8,c9s1-3',
  );
  const photo = await drawnPhoto(join(folder, 'photo.png'), 301, 403);
  const scratch = join(folder, 'scratch');
  await mkdir(scratch);
  const paint = async (name: string, ...options: string[]) => {
    const out = join(folder, name);
    const args = ['stylize', photo, '-s', style, '-o', out, '--precision', 'f32', ...options];
    const result = await callCommand(args, { env: { TMPDIR: scratch } });
    assert.equal(result.code, 0, result.stderr);
    return { ...(await readPicture(out)), stderr: result.stderr };
  };
  const [whole, bands] = [
    await paint('whole.png', '--tiles', 'off'),
    await paint('bands.png', '--tiles', 'exact'),
  ];
  assert.equal(whole.stderr, '');
  assert.match(bands.stderr, /301×403, in bands, in memory: about \d+ MB of memory, of .* allowed/);
  assert.deepEqual([bands.width, bands.height], [301, 403]);
  const most = bands.pixels.reduce((far, value, i) => Math.max(far, Math.abs(value - whole.pixels[i]!)), 0);
  assert.ok(most <= 1, `${most}`);
  assert.deepEqual(await ownFiles(scratch), []);
});

test('too little memory, and no memory, get one line', async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
  const photo = await drawnPhoto(join(folder, 'photo.png'), 40, 30);
  const out = join(folder, 'out.png');
  const stylize = (...options: string[]) =>
    callCommand(['stylize', photo, '-s', style, '-o', out, ...options]);
  const [little, odd] = await Promise.all([stylize('--memory', '20MB'), stylize('--memory', 'plenty')]);
  expectUserError(
    little,
    /Expected at least \d+ MB of memory for this picture but received 20 MB; raise --memory/,
    2,
  );
  expectUserError(odd, /an amount of memory for --memory but received plenty; as 1GB or 800MiB/, 2);
  assert.deepEqual((await readdir(folder)).sort(), ['noise.safetensors', 'photo.png']);
});

test('a temporary folder without room is reported before anything is painted', async (t) => {
  await withSmallDisk(t, 200, async (disk) => {
    const folder = await temporaryFolder(t);
    const style = await writeTinyCheckpoint(join(folder, 'noise.safetensors'));
    const photo = await drawnPhoto(join(folder, 'photo.png'), 400, 300);
    const args = ['stylize', photo, '-s', style, '-o', join(folder, 'out.png'), '--tiles', 'exact'];
    const result = await callCommand(args, { env: { TMPDIR: disk } });
    assert.equal(result.code, 1);
    assert.match(result.stderr, /Expected 1 MB free for temporary files in .* but received 0 MB; free some/);
  });
});

test('killed while painting, it leaves no temporary file', {
  skip: process.platform !== 'linux' && 'only Linux keeps a file without a name open by path',
}, async (t) => {
  const folder = await temporaryFolder(t);
  const [scratch, out] = [join(folder, 'scratch'), join(folder, 'out')];
  await mkdir(scratch);
  const photo = await drawnPhoto(join(folder, 'photo.png'), 700, 700);
  const args = ['stylize', photo, '-s', 'great-wave', '-o', `${out}/`, '--tiles', 'exact'];
  const running = startCli(args, { env: { TMPDIR: scratch } });
  const { child, stderr, done } = running;
  // A graph has a name for the milliseconds in which TensorFlow reads it, and would stay: not what is asked here. A halted process
  // makes no new one between the look and the kill.
  await waitFor(
    'temporary files that are open and have no name',
    async () => {
      child.kill('SIGSTOP');
      if (openScratchFiles(child.pid!) > 0 && (await ownFiles(scratch)).length === 0) return true;
      child.kill('SIGCONT');
      return false;
    },
    running,
  );
  child.kill('SIGKILL');
  assert.equal((await done).signal, 'SIGKILL');
  assert.match(stderr(), /in bands/);
  assert.deepEqual(await ownFiles(scratch), []);
});

/** What we have left in a temporary folder; tsx, which runs the tests, keeps things there as well. */
async function ownFiles(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('fast-style'));
}

/** Files without a name that a process has open. */
function openScratchFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((descriptor) => {
    try {
      return /fast-style-.*\(deleted\)$/.test(readlinkSync(`/proc/${pid}/fd/${descriptor}`));
    } catch {
      return false; // closed in the meantime
    }
  }).length;
}

const ESTIMATED = [
  { tiles: 'off', look: [], width: 1200, height: 900 },
  { tiles: 'exact', look: ['--colors', 'histogram'], width: 1200, height: 900 },
  { tiles: 'exact', look: [], width: 1800, height: 1200 },
] as const;

/** As wide as the shipped ones, so as large in memory, with one residual block of their five. */
const WIDE = 'c9s1-16,d32,d64,R64,u32,u16,c9s1-3';

test('the estimate is within a quarter of the largest resident size', {
  skip: process.platform !== 'linux' && 'only Linux tells the largest resident size of another process',
}, async (t) => {
  const folder = await temporaryFolder(t);
  const style = await writeTinyCheckpoint(join(folder, 'wide.safetensors'), WIDE);
  for (const { tiles, look, width, height } of ESTIMATED) {
    const photo = await drawnPhoto(join(folder, `${width}.png`), width, height);
    const out = join(folder, `${tiles}-${width}.png`);
    const memory = ['--memory', '4GB', '--precision', 'f32'];
    const { child, stderr, done } = startCli([
      'stylize',
      photo,
      '-s',
      style,
      '-o',
      out,
      '--tiles',
      tiles,
      ...memory,
      ...look,
    ]);
    let peak = 0;
    // It never falls, and the last that is painted is not its end: looked at seldom, it costs no time.
    while (child.exitCode === null && child.signalCode === null) {
      peak = Math.max(peak, largestResident(child.pid!));
      await setTimeout(50);
    }
    assert.equal((await done).code, 0, stderr());
    const [, estimate] = /about ([\d.]+ [GM]B) of memory/.exec(stderr()) ?? [];
    const ratio = parseMemory(estimate!) / peak;
    t.diagnostic(`${tiles} ${width}×${height}: ${estimate} estimated, ${Math.round(peak / 1e6)} MB measured`);
    assert.ok(ratio > 0.8 && ratio < 1.25, `${tiles} ${width}×${height}: ${ratio}`);
  }
});

function largestResident(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0; // it has ended
  }
}
