/** What docs/library.md shows, run as it is. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { decodePicture } from '../../src/data/image-file.ts';
import { loadCheckpoint } from '../../src/networks/checkpoint.ts';
import { ffmpeg, noFfmpeg, testPicture } from '../helpers/clips.ts';
import { freshCache } from '../helpers/fresh-cache.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeStandIns, writeTinyCheckpoint } from '../helpers/tiny-checkpoint.ts';
import { drawnPhoto, tinyDataset } from '../helpers/tiny-dataset.ts';
import { writeTinyLossNetwork } from '../helpers/tiny-loss-network.ts';
import { waitFor } from '../helpers/wait-for.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
/** As it is built. */
const library = new URL('../../dist/index.js', import.meta.url).href;

/** A folder with a photo, a style of the name in the docs, and the code of each block as a file. */
async function workshop(t: Parameters<typeof temporaryFolder>[0]) {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, 'checkpoints'));
  for (const name of ['great-wave', 'scream'])
    await writeTinyCheckpoint(join(folder, 'checkpoints', `${name}.safetensors`));
  await drawnPhoto(join(folder, 'photo.jpg'), 50, 40, { format: 'jpeg' });
  const text = await readFile(join(root, 'docs/library.md'), 'utf8');
  const blocks: string[] = [];
  for (const section of text.split(/^## /m)) {
    const heading = section.split('\n', 1)[0]!;
    for (const [i, [, code]] of [...section.matchAll(/^```ts\n(.*?)^```$/gms)].entries()) {
      assert.match(code!, /from 'fast-style'/);
      const name = `${heading.startsWith('# ') ? 'Start' : heading} ${i + 1}`;
      blocks.push(name);
      // Without its types; tsx would take as long in each process as the rest of what it does.
      const script = await transform(code!.replace("'fast-style'", `'${library}'`), { loader: 'ts' });
      await writeFile(join(folder, `${name}.mjs`), script.code);
    }
  }
  /** Runs a block: `Training 2` is the second below that heading. */
  const start = (name: string, env: Readonly<Record<string, string>> = {}) => {
    assert.ok(blocks.includes(name), `${name} is none of ${blocks.join(', ')}`);
    const child = spawn(process.execPath, [join(folder, `${name}.mjs`)], {
      cwd: folder,
      env: { ...process.env, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(async () => {
      child.kill('SIGKILL');
    });
    return child;
  };
  return { folder, blocks, start };
}

/** What a script leaves with, and all that it says. */
async function saidBy(child: ReturnType<Awaited<ReturnType<typeof workshop>>['start']>) {
  let said = '';
  child.stdout.on('data', (part) => {
    said += part;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return [code, said] as const;
}

test('its scripts run', async (t) => {
  const { folder, blocks, start } = await workshop(t);
  // Each of them is run by one of these tests.
  assert.deepEqual(blocks, [
    ...['Start 1', 'Start 2', 'Files and folders 1'],
    ...['Off the event loop 1', 'In other formats 1', 'In a server 1'],
    ...['Training 1', 'Training 2', 'Before a training 1', 'Judging 1'],
    ...['Styles, data and loss networks 1', 'Styles, data and loss networks 2'],
    ...['Optimisation 1', 'Films 1', 'Setting up 1'],
  ]);
  const [file, pixels, thread] = [start('Start 1'), start('Start 2'), start('Off the event loop 1')];
  const onnx = start('In other formats 1');
  let said = '';
  pixels.stdout.on('data', (part) => {
    said += part;
  });
  let mixed = '';
  thread.stdout.on('data', (part) => {
    mixed += part;
  });
  const children = [file, pixels, thread, onnx];
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'close'))[0]));
  assert.deepEqual(codes, [0, 0, 0, 0]);
  assert.equal((await readFile(join(folder, 'great-wave.onnx')))[0], 0x08);
  const painted = await decodePicture(await readFile(join(folder, 'painted.jpg')), 'painted.jpg');
  assert.deepEqual([painted.width, painted.height], [50, 40]);
  assert.match(said, /^64 48 9216$/m);
  assert.equal(mixed, 'true\n50 40 8000\n');
});

test('it paints files, and a folder until Ctrl-C', async (t) => {
  const { folder, start } = await workshop(t);
  await mkdir(join(folder, 'inbox'));
  await drawnPhoto(join(folder, 'inbox/new.png'), 40, 30);
  const child = start('Files and folders 1');
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (lines.length === 4) child.kill('SIGINT');
  }
  const file = (name: string) => join('painted', name);
  assert.deepEqual(lines, [
    `photo.jpg great-wave ${file('photo-great-wave.jpg')}`,
    `photo.jpg scream ${file('photo-scream.jpg')}`,
    file('new-great-wave.png'),
    file('new-scream.png'),
  ]);
  if (child.exitCode === null) await once(child, 'exit');
  assert.equal(child.exitCode, 0);
});

/** What the docs leave to this file makes a training of moments. */
async function writeSettings(folder: string): Promise<void> {
  const settings = {
    ...{ lossNetwork: await writeTinyLossNetwork(join(folder, 'vgg.safetensors')), styleSize: 64 },
    ...{ architecture: 'c3s1-4,c3s1-3', contentLayers: { relu2_2: 1 }, styleLayers: { relu1_1: 1 } },
    ...{ steps: 3, imageSize: 32, batch: 2 },
  };
  await writeFile(join(folder, 'settings.json'), JSON.stringify(settings));
}

test('its trainings run', async (t) => {
  const { folder, start } = await workshop(t);
  await mkdir(join(folder, 'photos'));
  for (let i = 0; i < 4; i++) await drawnPhoto(join(folder, 'photos', `${i}.png`), 300, 310, { seed: i });
  await drawnPhoto(join(folder, 'wave.jpg'), 60, 48, { format: 'jpeg' });
  await writeSettings(folder);
  const said = ['', ''];
  const children = [start('Training 1'), start('Training 2')];
  for (const [i, { stdout }] of children.entries())
    stdout.on('data', (part) => {
      said[i] += part;
    });
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'close'))[0]));
  assert.deepEqual(codes, [0, 0]);
  const file = join('checkpoints', 'wave.safetensors').replaceAll('\\', '\\\\');
  assert.match(said[0]!, new RegExp(`^1 of 3\n2 of 3\n3 of 3\n${file} [\\d.]+\n$`));
  assert.match(said[1]!, /^1 [\d.]+\n2 [\d.]+\n3 [\d.]+\n$/);
  for (const name of ['checkpoints/wave', 'mine'])
    assert.equal((await loadCheckpoint(join(folder, `${name}.safetensors`))).steps, 3);
});

test('what plans, judges and looks into files runs', { skip: noFfmpeg }, async (t) => {
  const { folder, start } = await workshop(t);
  const env = await freshCache(folder);
  await mkdir(join(env.FAST_STYLE_CACHE, 'weights'));
  await writeTinyLossNetwork(join(env.FAST_STYLE_CACHE, 'weights', 'vgg16.safetensors'), { kind: 'vgg16' });
  await writeTinyLossNetwork(join(folder, 'my-vgg.safetensors'));
  await writeSettings(folder);
  await drawnPhoto(join(folder, 'wave.jpg'), 160, 128, { format: 'jpeg' });
  await mkdir(join(folder, 'datasets'));
  await rename(await tinyDataset(folder, 4, 72), join(folder, 'datasets', 'mine'));
  ffmpeg(...testPicture(0.4, '64x48', '10'), join(folder, 'clip.gif'));
  const names = ['Before a training 1', 'Judging 1', 'Styles, data and loss networks 1'];
  const ended = await Promise.all(names.map((name) => saidBy(start(name, env))));
  assert.deepEqual(
    ended.map(([code]) => code),
    [0, 0, 0],
  );
  const [planned, judged, inside] = ended.map(([, said]) => said);
  const tried = [0.5, 1, 1.5, 2].map((done) => `${done} of 2 cells\n`).join('');
  assert.match(planned!, new RegExp(`^3 null true\n${tried}2 [\\d.]+ 64\n8 [\\d.]+ 64\n$`));
  const grid = await decodePicture(await readFile(join(folder, 'grid.png')), 'grid.png');
  assert.ok(grid.width > 64);
  assert.match(
    judged!,
    /^1 of 4 iterations\n2 of 4 .*\n3 of 4 .*\n4 of 4 .*\ntrue (null|\d) 58\n16 true\nfilm true true\noff true true\n$/,
  );
  assert.match(inside!, /^c\S+ \d+\n4 72 \{\}\ncompact vgg\d+ \d+\nmine vgg19 \d+\nvgg16 vgg16 13\n$/);
});

test('its optimisations run', async (t) => {
  const { folder, start } = await workshop(t);
  await drawnPhoto(join(folder, 'wave.jpg'), 60, 48, { format: 'jpeg' });
  const [code, said] = await saidBy(start('Optimisation 1'));
  assert.equal(code, 0);
  const steps = Array.from({ length: 9 }, (_, i) => `${i} of 8\n`).join('');
  assert.equal(said, `${steps}96 77 true\n${3 * 96 * 77}\n`);
  const print = await decodePicture(await readFile(join(folder, 'print.png')), 'print.png');
  assert.deepEqual([print.width, print.height], [96, 77]);
});

test('what makes data, shows styles and looks at the machine runs', async (t) => {
  const { folder, start } = await workshop(t);
  await writeStandIns(join(folder, 'checkpoints'), 'great-wave', 'scream', 'ink', 'mosaic');
  const [[made, data], [examined, machine]] = await Promise.all([
    saidBy(start('Styles, data and loss networks 2')),
    saidBy(start('Setting up 1')),
  ]);
  assert.deepEqual([made, examined], [0, 0]);
  const sheet = await decodePicture(await readFile(join(folder, 'styles.png')), 'styles.png');
  assert.equal(data, `1\n2\n3\n4\n2\ntrue styles.png ${sheet.width}\n`);
  assert.equal((await readdir(join(folder, 'pictures'))).length, 2);
  // Of a binding that FAST_STYLE_BINDING names the version is not known.
  assert.match(machine, /^(2\.\d+\.\d+|undefined) false\ntrue\n$/);
});

test('its film runs', { skip: noFfmpeg }, async (t) => {
  const { folder, start } = await workshop(t);
  ffmpeg(...testPicture(0.5, '64x48', '10'), join(folder, 'clip.gif'));
  const [code, said] = await saidBy(start('Films 1'));
  assert.equal(code, 0);
  assert.equal(said, '1 of 5\n2 of 5\n3 of 5\n4 of 5\n5 of 5\npainted.gif 5\n');
});

test('its server paints for many at once, refuses malicious requests, and ends', async (t) => {
  const { folder, start } = await workshop(t);
  const server = start('In a server 1');
  const [line] = (await once(server.stdout, 'data')) as [Buffer];
  const url = `http://127.0.0.1:${/\d+/.exec(line.toString())![0]}`;
  const photo = await readFile(join(folder, 'photo.jpg'));
  const sizes = [
    [40, 30],
    [64, 64],
    [33, 90],
    [120, 20],
  ] as const;
  const photos = await Promise.all(
    sizes.map(async ([width, height], i) => {
      return readFile(await drawnPhoto(join(folder, `${i}.png`), width, height, { seed: i }));
    }),
  );
  // A PNG of 60,000×60,000 pixels, by its head.
  const bomb = Buffer.from(photos[0]!);
  bomb.writeUInt32BE(60_000, 16);
  bomb.writeUInt32BE(60_000, 20);
  const hostile: readonly (readonly [Buffer, number])[] = [
    [bomb, 422],
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><image href="/etc/passwd"/></svg>'), 422],
    [photo.subarray(0, 400), 422],
    [Buffer.alloc(0), 422],
    [Buffer.alloc(21e6), 413],
  ];
  const post = (body: Buffer) => fetch(url, { method: 'POST', body: new Uint8Array(body) });
  const [good, bad, got] = await Promise.all([
    Promise.all(photos.map(post)),
    // The largest is cut off while it is being sent.
    Promise.all(hostile.map(([body]) => post(body).catch(() => undefined))),
    fetch(url),
  ]);
  assert.equal(got.status, 405);
  for (const [i, response] of good.entries()) {
    assert.deepEqual([response.status, response.headers.get('content-type')], [200, 'image/jpeg']);
    const picture = await decodePicture(new Uint8Array(await response.arrayBuffer()), 'answer');
    assert.deepEqual([picture.width, picture.height], sizes[i]);
  }
  for (const [i, response] of bad.entries()) {
    if (hostile[i]![1] === 413 && response === undefined) continue;
    assert.equal(response?.status, hostile[i]![1], `hostile ${i}`);
    assert.ok((await response.text()).length > 10);
  }
  assert.equal((await post(photo)).status, 200, 'it is still there');
  // Bodies that do not come to an end are held in memory, so they count from their beginning: of 40 some are refused.
  const slow = Array.from({ length: 40 }, () => {
    const one = request(url, { method: 'POST', headers: { 'content-length': 1e7 } });
    one.on('error', () => undefined).write(Buffer.alloc(1000));
    return one;
  });
  const refused = slow.map(async (one) => ((await once(one, 'response')) as [IncomingMessage])[0].statusCode);
  assert.equal(await Promise.any(refused), 503);
  for (const one of slow) one.destroy();
  await waitFor('the room of those who have gone', async () => (await post(photo)).status === 200);
  server.kill('SIGTERM');
  assert.deepEqual(await once(server, 'exit'), [0, null]);
});
