/**
 * The folder that `npm run pack` packs: the files of `npm pack`, with two additions.
 *
 * tfjs-node-gpu lies in it as files of ours, in vendor/, and not as a dependency. As one, npm runs its install script, which
 * fetches hundreds of megabytes of a TensorFlow that is not used here, and undoes a whole installation where it fails. Nor is
 * it a bundled dependency: npm takes for bundled whatever a bundled package depends on, too, and leaves the folders of those
 * packages empty wherever it puts them below ours (`npm install --global`, or next to another tfjs). What it depends on becomes ours.
 *
 * CommonJS has an entry of its own, with declarations of its own: of the modules' ones the compiler says, under node16, that they
 * cannot be required.
 *
 *   node scripts/stage-package.mjs <repository> <folder>
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BACKEND = '@tensorflow/tfjs-node-gpu';
const BACKEND_FOLDER = 'vendor/tfjs-node-gpu';
/** Of the backend: what runs, and what its binding is compiled from. */
const PARTS = ['dist', 'binding', 'scripts', 'binding.gyp', 'README.md'];

/** Fills an empty folder. */
export function stagePackage(source, folder) {
  for (const path of packedFiles(source)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    cpSync(join(source, path), join(folder, path));
  }
  const backend = stageBackend(source, folder);
  const own = readJson(join(source, 'package.json'));
  const exported = own.exports['.'];
  stageCommonJs(folder, exported);
  // It uses tfjs-core without naming it. As for our own: the versions that are tested, and no later ones.
  const needed = [...Object.keys(backend.dependencies), '@tensorflow/tfjs-core'];
  const installed = (name) => readJson(join(source, 'node_modules', name, 'package.json')).version;
  const theirs = Object.fromEntries(needed.map((name) => [name, installed(name)]));
  const { [BACKEND]: _, ...others } = own.dependencies;
  writeJson(join(folder, 'package.json'), {
    ...own,
    exports: {
      ...own.exports,
      '.': {
        import: exported,
        require: { types: toCommon(exported.types), default: toCommon(exported.default) },
      },
    },
    imports: {
      '#tfjs-node': `./${BACKEND_FOLDER}/${backend.main}`,
      '#tfjs-node/package.json': `./${BACKEND_FOLDER}/package.json`,
    },
    files: [...own.files, 'vendor'],
    dependencies: { ...theirs, ...others },
  });
}

/** Lays tfjs-node-gpu in. Answers its package.json. */
function stageBackend(source, folder) {
  const [from, to] = [join(source, 'node_modules', BACKEND), join(folder, BACKEND_FOLDER)];
  const isTest = (path) => /(_test|run_tests)(\.d)?\.[jt]s$|tsconfig/.test(path);
  for (const part of PARTS)
    cpSync(join(from, part), join(to, part), { recursive: true, filter: (path) => !isTest(path) });
  const { scripts: _scripts, devDependencies: _dev, ...kept } = readJson(join(from, 'package.json'));
  const note =
    'Changed by fast-style (scripts/stage-package.mjs): without scripts, tests and sources of dist.';
  writeJson(join(to, 'package.json'), { '//': note, ...kept });
  return kept;
}

/** Writes the entry for `require`, and the declarations that it reaches. Node loads the modules themselves (require of a module). */
function stageCommonJs(folder, { types, default: entry }) {
  const seen = new Set();
  const declare = (path) => {
    if (seen.has(path)) return;
    seen.add(path);
    const text = readFileSync(join(folder, path), 'utf8').replace(
      // Types that the compiler has inferred are in double quotes.
      /((?:from|import\() *)(['"])(\.[^'"]+)\.[jt]s\2/g,
      (_, before, quote, target) => {
        declare(join(dirname(path), `${target}.d.ts`));
        return `${before}${quote}${target}.cjs${quote}`;
      },
    );
    writeFileSync(join(folder, path.replace(/\.ts$/, '.cts')), text);
  };
  declare(types);
  writeFileSync(join(folder, toCommon(entry)), `module.exports = require('./${entry.split('/').at(-1)}');\n`);
}

const toCommon = (path) => path.replace(/\.ts$/, '.cts').replace(/\.js$/, '.cjs');

function packedFiles(source) {
  const args = ['pack', '--dry-run', '--ignore-scripts', '--json'];
  const windows = process.platform === 'win32';
  const text = execFileSync('npm', args, { cwd: source, encoding: 'utf8', shell: windows, maxBuffer: 1e8 });
  return JSON.parse(text)[0].files.map(({ path }) => path);
}

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
const writeJson = (path, value) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [source, folder] = process.argv.slice(2);
  stagePackage(source, folder);
}
