/** `npm run quickstart`: from a fresh clone to a first painting. Says where it lies. */
import { join } from 'node:path';
import { filesUnder, finish, prepare, root, runNode, StepFailed, timed } from './steps.mjs';

const STYLE = 'great-wave';

await finish(async () => {
  const started = performance.now();
  await prepare();
  const photo = filesUnder('samples').find((path) => /^samples\/[^/]+\.jpe?g$/i.test(path));
  if (!photo) throw new StepFailed('There is no sample photo in samples/.');
  const result = photo.replace(/^samples\/(.*)\.jpe?g$/i, `quickstart/$1-${STYLE}.jpg`);
  await timed('painting', () =>
    runNode(join('dist', 'cli.js'), 'stylize', photo, '--style', STYLE, '--out', result, '--overwrite'),
  );
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`\nDone in ${seconds} s. The photo:   ${join(root, photo)}`);
  console.log(`${' '.repeat(`Done in ${seconds} s. `.length)}The painting: ${join(root, result)}`);
  console.log(`\nNow one of yours:  node dist/cli.js stylize photo.jpg --style ${STYLE} --out painted.jpg`);
});
