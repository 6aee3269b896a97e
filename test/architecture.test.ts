/** Holds the house's order: who may import whom, and that each package comes in at one place. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const src = fileURLToPath(new URL('../src', import.meta.url));

interface Import {
  readonly target: string;
  /** `import()` in a function: loaded only when that runs. */
  readonly lazy: boolean;
  /** `import type`: gone at run time. */
  readonly typeOnly: boolean;
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))
  .sort();
const sources = new Map(files.map((path) => [path, readFileSync(join(src, path), 'utf8')]));

/** The code of a file without its comments: prose may name what code may not use. */
function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

function importsOf(path: string): Import[] {
  const code = withoutComments(sources.get(path) ?? '');
  const found: Import[] = [];
  const resolve = (target: string) =>
    target.startsWith('.') ? posix.join(posix.dirname(path), target) : target;
  for (const [, type, target] of code.matchAll(
    /^(?:import|export)\s+(type\s)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm,
  )) {
    found.push({ target: resolve(target ?? ''), lazy: false, typeOnly: type !== undefined });
  }
  for (const [, target] of code.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)) {
    found.push({ target: resolve(target ?? ''), lazy: true, typeOnly: false });
  }
  return found;
}

const imports = new Map(files.map((path) => [path, importsOf(path)]));

/** All files that loading `path` loads; `lazy` counts what functions import when they run. */
function reachable(path: string, lazy: boolean): Set<string> {
  const seen = new Set<string>();
  const visit = (from: string) => {
    if (seen.has(from)) return;
    seen.add(from);
    for (const one of imports.get(from) ?? []) if (!one.typeOnly && (lazy || !one.lazy)) visit(one.target);
  };
  visit(path);
  return seen;
}

/** The ground floor: what a picture is. Everybody's, and it imports nothing. */
const GROUND = 'picture.ts';

/** What deals with the system (errors, atomic files, the cache's place) is everybody's. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  system: ['system'],
  engine: ['system', 'engine'],
  losses: ['system', 'engine', 'losses'],
  networks: ['system', 'engine', 'networks'],
  data: ['system', 'data'],
  plot: ['system', 'plot'],
  train: ['system', 'engine', 'losses', 'networks', 'data', 'infer', 'train'],
  report: ['system', 'data', 'train', 'report'],
  optimize: ['system', 'engine', 'losses', 'networks', 'data', 'plot', 'infer', 'optimize'],
  infer: ['system', 'engine', 'networks', 'data', 'infer'],
  export: ['system', 'engine', 'networks', 'data', 'infer', 'export'],
  web: ['system', 'engine', 'networks', 'infer', 'export', 'web'],
  machine: ['system', 'engine', 'data', 'machine'],
  paint: ['system', 'engine', 'networks', 'data', 'infer', 'paint'],
  library: [
    ...['system', 'engine', 'networks', 'data', 'infer', 'paint', 'train', 'report', 'optimize'],
    ...['video', 'compare', 'judge', 'export', 'machine', 'library'],
  ],
  motion: ['system', 'motion'],
  video: ['system', 'engine', 'networks', 'data', 'infer', 'paint', 'motion', 'video'],
  quality: ['system', 'data', 'motion', 'quality'],
  judge: [
    ...['system', 'engine', 'networks', 'data', 'train', 'optimize', 'infer', 'video', 'quality', 'compare'],
    'judge',
  ],
  compare: ['system', 'engine', 'losses', 'networks', 'data', 'train', 'optimize', 'infer', 'compare'],
  commands: [
    ...['system', 'engine', 'losses', 'networks', 'data', 'plot'],
    ...[
      'train',
      'report',
      'optimize',
      'infer',
      'paint',
      'compare',
      'judge',
      'motion',
      'video',
      'quality',
      'export',
      'machine',
      'studio',
      'farm',
      'commands',
    ],
  ],
  farm: [
    ...[
      'system',
      'engine',
      'networks',
      'data',
      'infer',
      'paint',
      'train',
      'report',
      'video',
      'compare',
      'judge',
      'library',
    ],
    'farm',
  ],
  // And the library's door, `index.ts`: another could be built as it is.
  studio: ['studio'],
};

/** Feature maps are the losses' word; who makes them may say so, in types alone. */
const typesOf: Readonly<Record<string, readonly string[]>> = { networks: ['losses'] };

const folderOf = (path: string) => (path.includes('/') ? (path.split('/')[0] ?? '.') : '.');

test('the pattern finds imports of every form', () => {
  const forms = new Set([...imports.values()].flat().map(({ lazy, typeOnly }) => `${lazy} ${typeOnly}`));
  assert.deepEqual([...forms].sort(), ['false false', 'false true', 'true false']);
  for (const [path, found] of imports) {
    for (const { target } of found) {
      if (target.endsWith('.ts')) assert.ok(sources.has(target), `${path} imports ${target}`);
    }
  }
});

test('inner folders never import outer ones', () => {
  for (const [path, found] of imports) {
    // The two doors: the program's and the library's.
    if (path === 'cli.ts' || path === 'index.ts') continue;
    const allowed = path === GROUND ? [] : MAY_IMPORT[folderOf(path)];
    assert.ok(allowed, `src/${path} lies in a folder that the order does not know`);
    for (const { target, typeOnly } of found.filter((one) => one.target.endsWith('.ts'))) {
      const folder = folderOf(target);
      if (target === GROUND && folderOf(path) !== 'studio') continue;
      if (target === 'index.ts' && folderOf(path) === 'studio') continue;
      const may = allowed.includes(folder) || (typeOnly && typesOf[folderOf(path)]?.includes(folder));
      assert.ok(may && target !== 'cli.ts', `src/${path} must not import src/${target}`);
    }
  }
});

test('no file imports itself through others, types or values', () => {
  const finished = new Set<string>();
  const visit = (path: string, above: readonly string[]) => {
    if (finished.has(path)) return;
    const from = above.indexOf(path);
    assert.equal(from, -1, [...above.slice(from), path].join(' → '));
    for (const { target } of imports.get(path) ?? [])
      if (sources.has(target)) visit(target, [...above, path]);
    finished.add(path);
  };
  for (const path of files) visit(path, []);
});

/** Where a package may be imported; every other package of ours is a built-in of Node. */
const PLACES: readonly (readonly [RegExp, RegExp, number])[] = [
  [/^@tensorflow\//, /^engine\/tensorflow\.ts$/, 1],
  [/^sharp$/, /^data\/sharp\.ts$/, 1],
  [/^tfrecord(\/|$)/, /^data\//, 1],
  [/^cli-progress$/, /^commands\/shared\/progress-bar\.ts$/, 1],
  [/^yargs(\/|$)/, /^(cli|commands\/(command-line|\w+\/[^/]+))\.ts$/, Number.POSITIVE_INFINITY],
  [/^h5wasm(\/|$)/, /^networks\//, 1],
  [/^undici$/, /^networks\/weights\/http-get\.ts$/, 1],
  [/^yauzl$/, /^(engine\/runtime\/zip-archive|networks\/weights\/zip-entries)\.ts$/, 2],
  [/^onnxruntime-web(\/|$)/, /^web\/worker-runtime\.ts$/, 1],
  [/^hono(\/|$)/, /^studio\/(access|routes|server)\.ts$/, 3],
  [/^@hono\/node-server$/, /^studio\/server\.ts$/, 1],
  [/^bullmq$/, /^farm\/queue\/farm\.ts$/, 1],
  [/^ioredis$/, /^farm\/queue\/redis\.ts$/, 1],
  [/^pino$/, /^farm\/worker\/log\.ts$/, 1],
  [/^prom-client$/, /^farm\/worker\/metrics\.ts$/, 1],
  [/^aws4fetch$/, /^farm\/store\/s3-request\.ts$/, 1],
  [/^libheif-js\//, /^data\/heif\/libheif-thread\.ts$/, 1],
];

test('each package has its place', () => {
  const importers = new Map<RegExp, Set<string>>();
  for (const [path, found] of imports) {
    for (const { target, typeOnly } of found) {
      if (target.endsWith('.ts') || target.startsWith('node:')) continue;
      const place = PLACES.find(([name]) => name.test(target));
      assert.ok(place, `src/${path} imports ${target}, which has no place yet`);
      assert.match(path, place[1], `src/${path} must not import ${target}`);
      if (!typeOnly) importers.set(place[0], (importers.get(place[0]) ?? new Set()).add(path));
    }
  }
  for (const [name, , most] of PLACES) {
    const there = [...(importers.get(name) ?? [])];
    assert.ok(there.length <= most, `${name} is imported in ${there.join(', ')}`);
  }
});

/**
 * Answers of programs and our own package.json are of no stranger's making; the studio, which uses the library alone, walks
 * what it reads by no function that calls itself.
 */
const OWN_JSON =
  /^(system\/(json-text|own-version)|machine\/examine-machine|engine\/runtime\/(manifest|prove-binding|python-tensorflow)|data\/video\/(probe|standard-input)|studio\/(routes|stored-json))\.ts$/;

test('JSON of files goes through its one reader', () => {
  for (const [path, source] of sources)
    if (!OWN_JSON.test(path)) assert.doesNotMatch(withoutComments(source), /\bJSON\.parse\(/, `src/${path}`);
});

test('only src/data/ffmpeg.ts starts ffmpeg', () => {
  for (const [path, source] of sources) {
    if (path === 'data/ffmpeg.ts') continue;
    assert.doesNotMatch(withoutComments(source), /spawn\w*\([^)]*ffmpeg/i, `src/${path}`);
  }
});

test('starting the command line or importing the library loads neither TensorFlow nor sharp', () => {
  const loaded = ['cli.ts', 'index.ts', 'library/threaded-style.ts'].flatMap((door) => [
    ...reachable(door, false),
  ]);
  const heavy = loaded.filter((path) =>
    /^(engine\/tensorflow\.ts$|sharp|tfrecord|h5wasm|bullmq|ioredis|pino|prom-client|@)/.test(path),
  );
  assert.deepEqual(heavy, []);
});

test('a command loads TensorFlow only when it needs it, after the checks of its options', () => {
  for (const path of files.filter((file) => file.startsWith('commands/')))
    assert.ok(!reachable(path, false).has('engine/tensorflow.ts'), `src/${path} loads TensorFlow`);
});

test('stylising never loads the loss network, the losses or the trainer', () => {
  const trains =
    /^library\/(train(ing|er|er-.*)?|optimiz(e|ing)|refin(e|ing)|compar(e|ing)|calibrat(e|ing)|check-style|report|weights)\.ts$/;
  // What is exported side by side loads what it does not share with the others when it is called; so does --refine.
  const apart = /^(index|library\/(stylize|painting)-files)\.ts$/;
  for (const path of files.filter((file) => /^(infer|paint|library)\/|^index\.ts$/.test(file))) {
    if (trains.test(path)) continue;
    const loaded = [...reachable(path, !apart.test(path))];
    assert.deepEqual(
      loaded.filter((one) => /^(losses|train|optimize)\/|loss-network|vgg/.test(one)),
      [],
      `src/${path}`,
    );
  }
});

test('inputs and outputs of compiled functions have names; lists stay in engine/compile', () => {
  for (const [path, found] of imports) {
    if (path.startsWith('engine/compile/')) continue;
    const inner = found.filter(({ target }) =>
      /^engine\/compile\/(program|record|tensor-record)\.ts$/.test(target),
    );
    assert.deepEqual(inner, [], `src/${path}`);
  }
});

test('only cli.ts sets the exit code, only the command line prints', () => {
  for (const [path, source] of sources) {
    const code = withoutComments(source);
    if (path !== 'cli.ts') assert.doesNotMatch(code, /process\.(exitCode\s*=|exit\()/, `src/${path}`);
    if (path !== 'cli.ts' && !path.startsWith('commands/'))
      assert.doesNotMatch(code, /\bconsole\.\w+\(/, `src/${path}`);
  }
});

test('a folder of commands imports only itself and what all share', () => {
  for (const [path, found] of imports) {
    const [, room] = /^commands\/(\w+)\//.exec(path) ?? [];
    if (room === undefined) continue;
    for (const { target } of found) {
      const [, other] = /^commands\/(\w+)/.exec(target) ?? [];
      const may = other === undefined || other === 'shared' || (room !== 'shared' && other === room);
      assert.ok(may, `src/${path} must not import src/${target}`);
    }
  }
});

test("a photo's way is the one that docs/how-it-works.md lists, in at most 12 files", () => {
  const page = readFileSync(join(src, '..', 'docs', 'how-it-works.md'), 'utf8');
  const way = [...page.matchAll(/^\| \d+ \| `src\/([^`]+)` \|([^|]*)\|/gm)].map(
    ([, path = '', cell = '']) => ({
      path,
      functions: [...cell.matchAll(/`(\w+)`/g)].map(([, name = '']) => name),
      code: withoutComments(sources.get(path) ?? '').replace(/^import [^;]*;$/gm, ''),
    }),
  );
  assert.ok(way.length > 1 && way.length <= 12, `${way.length} files`);
  for (const [place, { path, functions, code }] of way.entries()) {
    assert.notEqual(code, '', `src/${path} is not there`);
    if (place === 0) continue;
    const above = way.slice(0, place).flatMap((one) => imports.get(one.path) ?? []);
    assert.ok(
      above.some(({ target }) => target === path),
      `no file above imports src/${path}`,
    );
    assert.ok(functions.length > 0, `src/${path} has no function`);
    for (const name of functions) {
      const definition = new RegExp(`^((export )?(async )?(function|const)|  (async )?) ?${name}\\b`, 'm');
      assert.match(code, definition, `src/${path}`);
      const calls = new RegExp(`\\b${name}[()<]`);
      assert.ok(
        way.some((one) => one.path !== path && calls.test(one.code)),
        `none calls ${name} of src/${path}`,
      );
    }
  }
});

test('files say what they are for', () => {
  for (const path of files) {
    assert.doesNotMatch(path, /(^|\/)(utils?|helpers?|common|misc|types)\.ts$/, `src/${path}`);
    assert.equal(dirname(path).split('/').length <= 2, true, `src/${path} lies deep`);
  }
});

test('an exported name means one thing', () => {
  const places = new Map<string, Set<string>>();
  for (const [path, source] of sources) {
    const exported = /^export (?:async )?(?:function\*?|class|interface|type|const) (\w+)/gm;
    for (const [, name = ''] of withoutComments(source).matchAll(exported))
      places.set(name, (places.get(name) ?? new Set()).add(path));
  }
  assert.ok(places.has('Picture'), 'the pattern finds exports');
  for (const [name, paths] of places)
    assert.equal(paths.size, 1, `${name} is exported by ${[...paths].join(', ')}`);
});
