/**
 * Reads damaged photos and writes what can be read: `node --import tsx fuzz-process.ts <first seed> <count>`. A process of its
 * own, as decoders run inside it and a crash would take the tests with it. Prints one JSON line with what became of them.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeFrames, encodeAnimation } from '../../../src/data/photo/animation.ts';
import { fillTransparent } from '../../../src/data/photo/colour-rows.ts';
import { decodePhoto, openPhoto } from '../../../src/data/photo/read-photo.ts';
import { encodeWhole } from '../../../src/data/photo/write-photo.ts';
import { writtenFormat } from '../../../src/data/picture-format.ts';
import { photoOutput } from '../../../src/paint/photo-output.ts';
import { FastStyleError } from '../../../src/system/errors.ts';
import { put } from '../photo-fixtures.ts';
import { mutated } from './mutations.ts';
import { soundPhotos } from './sound-photos.ts';

const [first, count] = process.argv.slice(2).map(Number) as [number, number];
const folder = await mkdtemp(join(tmpdir(), 'fast-style-fuzz-'));
const sound = [...(await soundPhotos())];
const faults: string[] = [];
const messages = new Set<string>();
let painted = 0;
let refused = 0;
let slowest = 0;

async function rewrite(path: string, seed: number): Promise<void> {
  const photo = await openPhoto(path, { maxPixels: 1e6 });
  const { head } = photo;
  const format =
    seed % 2 === 0 ? writtenFormat(head.format) : (['jpeg', 'png', 'tiff', 'webp'] as const)[seed % 4]!;
  const options = { profile: seed % 3 === 0 ? 'keep' : 'srgb', strip: false, lossless: false } as const;
  const { output } = photoOutput(head, format, options);
  const out = join(folder, 'out');
  if (head.frames > 1 && (format === 'gif' || format === 'webp')) {
    await encodeAnimation(await decodeFrames(photo), head, output, out);
    return;
  }
  const picture = await decodePhoto(photo);
  fillTransparent(picture);
  await encodeWhole(picture, output, out);
  // What has been written must be sound.
  await decodePhoto(await openPhoto(out));
}

// The decoder of HEIC starts a thread when it is first wanted, which would count as the photo's time.
await decodePhoto(await openPhoto(await put(join(folder, 'in'), new Map(sound).get('tagged.heic')!)));
for (let seed = first; seed < first + count; seed++) {
  const [name, bytes] = sound[seed % sound.length]!;
  const path = await put(join(folder, 'in'), mutated(bytes, seed));
  const started = performance.now();
  try {
    await rewrite(path, seed);
    painted++;
  } catch (error) {
    if (error instanceof FastStyleError && !error.message.includes('\n') && error.message.length < 600) {
      refused++;
      messages.add(error.message.replace(path, 'FILE').replace(/\d+/g, 'N'));
    } else {
      faults.push(`${name}, seed ${seed}: ${error instanceof Error ? error.stack : error}`);
    }
  }
  const took = performance.now() - started;
  if (took > 3000) faults.push(`${name}, seed ${seed}: took ${took} ms`);
  slowest = Math.max(slowest, took);
}
await rm(folder, { recursive: true });
const { maxRSS } = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({ painted, refused, slowest: Math.round(slowest), peak: maxRSS * 1024, faults, messages: [...messages] })}\n`,
);
