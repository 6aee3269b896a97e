/** A film is taken apart at the same places whether all of its frames are looked at or only those that matter. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { ffmpegAbilities } from '../../src/data/ffmpeg-abilities.ts';
import { openVideo } from '../../src/data/video/open-video.ts';
import { videoOutput } from '../../src/data/video/output.ts';
import { type FilmPlan, planFilm } from '../../src/video/film-plan.ts';
import { type FilmStretch, scanFilm } from '../../src/video/scan-film.ts';
import { ffmpeg, H264, noFfmpeg, testPicture } from '../helpers/clips.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('frames that are not looked at are counted, also where they change their size', {
  skip: noFfmpeg,
}, async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'clip.ts');
  const parts: Buffer[] = [];
  // Of 24 frames a segment, of four a stretch: the first ends before the size changes, the next ones after it.
  for (const [i, [size, seconds]] of (
    [
      ['64x48', 4.4],
      ['96x48', 4.6],
    ] as const
  ).entries()) {
    const part = join(folder, `${i}.ts`);
    ffmpeg(...testPicture(seconds, size), ...H264, '-g', '250', part);
    parts.push(await readFile(part));
  }
  await writeFile(path, Buffer.concat(parts));
  const [few, all] = [await stretches(path, false, true), await stretches(path, false, false)];
  const { decoded, ...last } = few.pop()!;
  assert.deepEqual([...few, last], [...all.slice(0, -1), (({ decoded: _, ...rest }) => rest)(all.at(-1)!)]);
  assert.deepEqual([few.length, decoded?.fitted], [2, 115]);
});

test('scenes that begin shortly before a segment begin a stretch', { skip: noFfmpeg }, async (t) => {
  const path = join(await temporaryFolder(t), 'clip.mp4');
  // Of 24 frames a segment, a lead has up to 3: scenes begin 2 frames before the third segment, 9 before the fifth, with the seventh.
  const scenes = ['testsrc2', 'smptebars', 'testsrc2', 'rgbtestsrc'].map((name, i) => ({
    source: `${name}=s=64x48:r=24:d=${[46, 41, 57, 40][i]! / 24}`,
  }));
  const inputs = scenes.flatMap(({ source }) => ['-f', 'lavfi', '-i', source]);
  ffmpeg(...inputs, '-filter_complex', `concat=n=${scenes.length}`, ...H264, path);
  for (const looksAtFew of [true, false]) {
    const found = (await stretches(path, true, looksAtFew)).map(
      ({ first, segments, frames, lead, from }) => ({
        ...{ first, segments, frames, lead },
        from: from?.frames ?? 0,
      }),
    );
    assert.deepEqual(found, [
      { first: 0, segments: 2, frames: 48, lead: 0, from: 0 },
      { first: 2, segments: 4, frames: 96, lead: 2, from: 46 },
      { first: 6, segments: 2, frames: 40, lead: 0, from: 144 },
    ]);
  }
});

/** Takes a film apart whose segments have 24 frames. @param looksAtFew whether only frames that matter come with their pixels. */
async function stretches(path: string, isSteady: boolean, looksAtFew: boolean): Promise<FilmStretch[]> {
  const { input, facts } = await openVideo(path, {});
  const abilities = await ffmpegAbilities();
  const output = videoOutput(join(path, '..', 'out.mp4'), undefined);
  const size = { width: 64, height: 48 };
  const plan: FilmPlan = {
    ...(await planFilm({ input, facts, ...size, output, preset: 'medium', audio: true }, abilities)),
    segment: 24,
    abilities: { ...abilities, notesFrames: looksAtFew },
  };
  const found: FilmStretch[] = [];
  for await (const one of scanFilm(plan, isSteady, AbortSignal.timeout(60_000))) found.push(one);
  return found;
}
