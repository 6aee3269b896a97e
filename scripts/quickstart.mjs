/**
 * `npm run quickstart`: from a fresh clone to a sheet of all shipped styles on a sample photo, and to a new style, trained
 * in some two minutes on pictures that are made on the way. Says where they lie, and how long each step took.
 */
import { join } from 'node:path';
import { filesUnder, finish, prepare, root, runNode, StepFailed, timed } from './steps.mjs';

const PHOTO = 'samples/harbour.jpg';
const PAINTING = 'samples/paintings/ink.jpg';
const NEW_STYLE = 'my-ink';
const OUT = 'quickstart';

const program = (...args) => runNode(join('dist', 'cli.js'), ...args);

await finish(async () => {
  const started = performance.now();
  await prepare();
  const styles = filesUnder('checkpoints').flatMap(
    (path) => /^checkpoints\/(.+)\.safetensors$/.exec(path)?.[1] ?? [],
  );
  if (styles.length === 0) throw new StepFailed('There is no style in checkpoints/.');
  const sheet = `${OUT}/styles.jpg`;
  await timed(`painting in ${styles.length} styles`, () =>
    program(
      'stylize',
      PHOTO,
      ...styles.flatMap((style) => ['--style', style]),
      '--out',
      OUT,
      '--sheet',
      sheet,
      '--overwrite',
    ),
  );
  console.log(
    `\nTraining a new style, ${NEW_STYLE}, for a look at it: a good one takes longer, and the full loss network (fast-style weights fetch vgg16).`,
  );
  await timed(`training ${NEW_STYLE}`, () =>
    program(
      ...['train', '--style', PAINTING, '--name', NEW_STYLE, '--out', OUT],
      ...[
        '--run',
        `${OUT}/run`,
        '--image-size',
        '128',
        '--style-size',
        '512',
        '--strength',
        '7',
        '--steps',
        '600',
        '--overwrite',
      ],
      // Nothing is fetched or asked for here, whatever has been fetched before.
      ...['--loss-network', 'compact'],
      ...['--preview-photo', PHOTO],
    ),
  );
  const painted = `${OUT}/harbour-${NEW_STYLE}.jpg`;
  await timed('painting in it', () =>
    program('stylize', PHOTO, '--style', `${OUT}/${NEW_STYLE}.safetensors`, '--out', painted, '--overwrite'),
  );
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`\nDone in ${seconds} s.`);
  for (const [what, path] of [
    ['The photo', PHOTO],
    ['In all styles', sheet],
    ['The new style', painted],
    ['Its training', `${OUT}/run/report.html`],
  ])
    console.log(`${`${what}:`.padEnd(15)}${join(root, path)}`);
  console.log(
    `\nNow one of yours:  npx --no-install fast-style stylize photo.jpg --style ${styles[0]} --out painted.jpg`,
  );
});
