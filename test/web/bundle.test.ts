/** The browser's package holds nothing that only Node has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const entry = (name: string) => fileURLToPath(new URL(`../../src/web/${name}.ts`, import.meta.url));

test('page and worker are bundled for browsers, without a built-in of Node and without TensorFlow', async () => {
  const { metafile, outputFiles } = await build({
    entryPoints: [entry('index'), entry('worker')],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    external: ['onnxruntime-web/*'],
    outdir: 'bundled',
    write: false,
    metafile: true,
    minify: true,
  });
  const imported = Object.values(metafile.outputs).flatMap((output) =>
    output.imports.map(({ path }) => path),
  );
  assert.deepEqual([...new Set(imported)].sort(), ['onnxruntime-web/wasm', 'onnxruntime-web/webgpu']);
  const [page, worker] = outputFiles.map(({ contents }) => contents.length);
  assert.ok(page! < 10_000, `the page's part has ${page} bytes`);
  assert.ok(worker! < 60_000, `the worker's part has ${worker} bytes`);
  for (const { text } of outputFiles) assert.doesNotMatch(text, /\bBuffer\b|\bprocess\.|\brequire\(/);
});
