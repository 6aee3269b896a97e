/**
 * `npm run pack`: from a fresh clone to fast-style-<version>.tgz, which installs elsewhere (docs/setup.md). Plain
 * `npm pack` would pack what lies in dist, if anything: .npmrc keeps scripts from running, `prepack` among them.
 */
import { build, finish, installPackages, runNpm, timed } from './steps.mjs';

await finish(async () => {
  await timed('npm packages', installPackages);
  await timed('build', build);
  await runNpm('pack', '--ignore-scripts', ...process.argv.slice(2));
});
