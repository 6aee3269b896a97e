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
  const { input, facts } = await openVideo(path, {});
  const abilities = await ffmpegAbilities();
  const output = videoOutput(join(folder, 'out.mp4'), undefined);
  const size = { width: 64, height: 48 };
  const plan: FilmPlan = await planFilm(
    { input, facts, ...size, output, preset: 'medium', audio: true },
    abilities,
  );
  const stretches = async (ability: boolean) => {
    const found: FilmStretch[] = [];
    const from = { ...plan, segment: 24, abilities: { ...abilities, notesFrames: ability } };
    for await (const one of scanFilm(from, false, AbortSignal.timeout(60_000))) found.push(one);
    return found;
  };
  const [few, all] = [await stretches(true), await stretches(false)];
  const { decoded, ...last } = few.pop()!;
  assert.deepEqual([...few, last], [...all.slice(0, -1), (({ decoded: _, ...rest }) => rest)(all.at(-1)!)]);
  assert.deepEqual([few.length, decoded?.fitted], [2, 115]);
});
