/**
 * Makes the pictures of README.md, of the photos in samples/, the shipped styles and paintings drawn here:
 *
 *   node --import tsx tools/readme-pictures.ts [name …]   names as in docs/pictures, without .jpg
 *
 * by the commands that a user would type. What they made stays in a folder of the system's temporary one and is taken
 * from there the next time. From nothing it takes some 15 minutes on two cores, most of it the three trainings of
 * `strength-scale`. `film` needs ffmpeg.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SheetCell } from '../src/data/contact-sheet.ts';
import { openFilm } from '../src/data/film-format.ts';
import { readPicture, writePicture } from '../src/data/image-file.ts';
import { writeDocsSheet } from './docs-sheet.ts';
import { mosaic } from './paintings/mosaic.ts';
import { partOf } from './picture-part.ts';

const STYLES = ['great-wave', 'scream', 'starry-night', 'wheatfield', 'lilies', 'shipwreck', 'mosaic', 'ink'];
const MOST_BYTES = 150_000;

const here = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const [harbour, valley] = [here('samples/harbour.jpg'), here('samples/valley.jpg')];
const ink = here('samples/paintings/ink.jpg');
const folder = join(tmpdir(), 'fast-style-readme-pictures');

/** Runs a command unless what it makes is there already. */
function make(file: string, ...args: readonly string[]): string {
  const path = join(folder, file);
  if (!existsSync(path)) {
    const cli = ['--import', import.meta.resolve('tsx'), here('src/cli.ts'), ...args];
    execFileSync(process.execPath, cli, { cwd: here('.'), stdio: 'inherit' });
  }
  return path;
}

const painted = (photo: string, name: string, style: string, ...more: readonly string[]) => {
  const file = `${name}.png`;
  return make(file, 'stylize', photo, '--style', style, '--out', join(folder, file), ...more);
};

/** The photos as they are painted unless a picture is about their size. */
async function small(photo: string, longSide = 600): Promise<string> {
  const path = join(folder, `${photo === harbour ? 'harbour' : 'valley'}-${longSide}.png`);
  if (!existsSync(path)) await writePicture(path, await readPicture(photo, { longSide }));
  return path;
}

const cell = async (path: string, caption: string): Promise<SheetCell> => ({
  picture: await readPicture(path),
  caption,
});

const sheet = (name: string, rows: readonly (readonly SheetCell[])[], side: number) =>
  writeDocsSheet(`${name}.jpg`, rows, { side, mostBytes: MOST_BYTES });

const pictures: Readonly<Record<string, () => Promise<void>>> = {
  async 'before-after'() {
    const painting = painted(harbour, 'large', 'great-wave', '--stroke', '0.7');
    await sheet(
      'before-after',
      [[await cell(harbour, 'the photo'), await cell(painting, 'great-wave')]],
      720,
    );
  },

  async styles() {
    const rows: SheetCell[][] = [];
    for (const styles of [STYLES.slice(0, 4), STYLES.slice(4)]) {
      for (const [name, photo] of Object.entries({ harbour, valley })) {
        const from = await small(photo);
        const cells = styles.map((style) => cell(painted(from, `${name}-${style}`, style), style));
        rows.push(await Promise.all([cell(from, name), ...cells]));
      }
    }
    await sheet('styles', rows, 232);
  },

  async 'strength-scale'() {
    const from = await small(harbour);
    const cells = [cell(from, 'the photo')];
    for (const strength of [2, 5, 9]) {
      const name = `ink-${strength}`;
      const style = make(
        `${name}.safetensors`,
        ...['train', '--style', ink, '--name', name, '--out', folder, '--run', join(folder, `run-${name}`)],
        ...['--strength', `${strength}`, '--style-size', '512', '--quality', 'preview', '--steps', '250'],
        ...['--preview-every', '0', '--overwrite'],
      );
      cells.push(cell(painted(from, `strength-${strength}`, style), `--strength ${strength}`));
    }
    await sheet('strength-scale', [await Promise.all(cells)], 320);
  },

  async 'stroke-scale'() {
    const strokes = [0.5, 1, 2].map((stroke) =>
      cell(
        painted(valley, `stroke-${stroke}`, 'starry-night', '--stroke', `${stroke}`),
        `--stroke ${stroke}`,
      ),
    );
    await sheet('stroke-scale', [await Promise.all([cell(valley, 'the photo'), ...strokes])], 320);
  },

  async 'optimisation-and-network'() {
    const from = await small(harbour, 384);
    const painting = join(folder, 'mosaic.png');
    await writePicture(painting, mosaic(768), { overwrite: true });
    const file = 'optimised.png';
    const print = make(
      file,
      ...['optimize', '--content', from, '--style', painting, '--size', '384', '--iterations', '120'],
      ...['--out', join(folder, file)],
    );
    const cells = [
      cell(from, 'the photo'),
      // As high as the others are on the sheet.
      { picture: await readPicture(painting, { longSide: 213 }), caption: 'the painting' },
      cell(painted(from, 'network', 'mosaic'), 'stylize: one pass'),
      cell(print, 'optimize: 120 iterations'),
    ];
    await sheet('optimisation-and-network', [await Promise.all(cells)], 320);
  },

  async film() {
    const [width, height, frames, rate] = [960, 540, 25, 8];
    const clip = join(folder, 'pan.mp4');
    if (!existsSync(clip)) {
      const photo = await readPicture(valley);
      const film = await openFilm(clip, { width, height, rate, hold: 0 });
      for (let i = 0; i < frames; i++) await film.add(partOf(photo, [10 * i, 120, width, height]));
      await film.finish();
    }
    const paintedClip = join(folder, 'painted.mp4');
    make('painted.mp4', 'video', clip, '--style', 'great-wave', '--out', paintedClip);
    const shown = [0, 8, 16, 24];
    const rows = [clip, paintedClip].map((file, row) => {
      const chosen = shown.map((frame) => `eq(n,${frame})`).join('+');
      const still = join(folder, `still-${row}-%d.png`);
      const filter = ['-vf', `select='${chosen}'`, '-fps_mode', 'passthrough'];
      execFileSync('ffmpeg', ['-v', 'error', '-y', '-i', file, ...filter, still]);
      return Promise.all(
        shown.map((frame, i) => cell(still.replace('%d', `${i + 1}`), `${(frame / rate).toFixed(0)} s`)),
      );
    });
    await sheet('film', await Promise.all(rows), 320);
  },
};

mkdirSync(folder, { recursive: true });
const names = process.argv.slice(2);
for (const name of names) {
  if (!Object.hasOwn(pictures, name))
    throw new Error(`Expected one of ${Object.keys(pictures).join(', ')} but received ${name}`);
}
for (const name of names.length > 0 ? names : Object.keys(pictures)) await pictures[name]!();
