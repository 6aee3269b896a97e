/** JSON of files is read by one reader: deep or odd, it is a line or what the file is worth without it, never a stack. */
import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { isBuilt, startOrResume } from '../../src/data/build-state.ts';
import { readIndex } from '../../src/data/dataset-index.ts';
import { readManifest } from '../../src/engine/runtime/manifest.ts';
import { type CheckpointDescription, readCheckpoint, saveCheckpoint } from '../../src/networks/checkpoint.ts';
import { parseSafetensors } from '../../src/networks/safetensors.ts';
import { readRunDescription } from '../../src/report/run-description.ts';
import { writeReport } from '../../src/report/run-report.ts';
import { FastStyleError } from '../../src/system/errors.ts';
import { JsonFault, jsonOrNothing, parseJson } from '../../src/system/json-text.ts';
import { parseHolder } from '../../src/system/lock-file.ts';
import { loadRunState, type RunState, saveRunState } from '../../src/train/run/run-state.ts';
import { parseRecord, readKey } from '../../src/video/film-parts.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { tinyCheckpoint } from '../helpers/tiny-checkpoint.ts';

const deep = (opening: string, inner: string, closing: string, levels = 100_000) =>
  opening.repeat(levels) + inner + closing.repeat(levels);
/** What no function of the language makes a number or a text of. */
const STUBBORN = { toString: 1, valueOf: 1 };
const DEEP = [deep('[', '', ']'), deep('{"a":', '1', '}')];
const ODD = ['', 'null', '1', '"text"', '[]', 'true', '{', ...DEEP];

test('nesting is bounded before parsing; brackets in strings do not count', () => {
  for (const text of DEEP) {
    assert.throws(() => parseJson(text), JsonFault);
    assert.equal(jsonOrNothing(text), undefined);
  }
  assert.throws(() => parseJson('{"a": }'), JsonFault);
  const text = `"${deep('[', '\\"[', '{')}`;
  assert.equal(parseJson(`${text}"`), JSON.parse(`${text}"`));
  assert.deepEqual(parseJson('\uFEFF{"steps": [[1], [2]]}'), { steps: [[1], [2]] });
  assert.doesNotThrow(() => parseJson(deep('[', '', ']', 500)));
  assert.throws(() => parseJson(deep('[', '', ']', 501)), JsonFault);
});

async function isLine(work: () => Promise<unknown>, about: string): Promise<void> {
  await assert.rejects(work, (error: Error) => {
    assert.ok(error instanceof FastStyleError, `${about.slice(0, 40)}: ${error.stack}`);
    assert.ok(error.message.length < 3000 && !error.message.includes('\n'));
    return true;
  });
}

test('a checkpoint has the metadata it should, or is refused', async (t) => {
  const path = join(await temporaryFolder(t), 'odd.safetensors');
  const good = tinyCheckpoint();
  const odd: readonly Partial<Record<keyof CheckpointDescription, unknown>>[] = [
    ...[{ title: { a: 1 } }, { title: 7 }, [], null, 'text', { title: STUBBORN }].map((style) => ({ style })),
    ...[{ total: 'much' }, { total: [1] }].map((losses) => ({ losses })),
    ...[{ source: {} }, 3].map((lossNetwork) => ({ lossNetwork })),
    ...[[], 3, JSON.parse(DEEP[0]!.slice(99_000, -99_000))].map((training) => ({ training })),
    ...[{ node: 20 }, null].map((software) => ({ software })),
  ];
  for (const part of odd) {
    const description = { ...good, ...part } as CheckpointDescription;
    await saveCheckpoint(path, description, good.parameters, { overwrite: true });
    await isLine(() => readCheckpoint(path), JSON.stringify(part));
  }
  await saveCheckpoint(path, { ...good, losses: { total: Number.NaN } }, good.parameters, {
    overwrite: true,
  });
  assert.equal((await readCheckpoint(path)).name, 'tiny');
});

test('the header of a safetensors file may be nested deeply', () => {
  for (const text of ODD) {
    const bytes = Buffer.alloc(8 + text.length);
    bytes.writeBigUInt64LE(BigInt(text.length));
    bytes.write(text, 8);
    assert.throws(() => parseSafetensors(bytes, 'x'), FastStyleError);
  }
});

test('a state with invalid parts is skipped with a line, though its checksum is right', async (t) => {
  const folder = await temporaryFolder(t);
  const { DEFAULT_TRAIN_CONFIG: config } = await import('../../src/train/config.ts');
  const good: RunState = {
    ...{ run: 'r', config, legs: [{ step: 0, images: 0, config }], step: 1, images: 2 },
    ...{ position: { epoch: 0, index: 2 }, recent: [], guard: { learningRateFactor: 1, rollBacks: [] } },
    ...{ painting: 'p', lossNetwork: 'l', dataset: 'd', tensors: [] },
  };
  await saveRunState(folder, good);
  assert.deepEqual((await loadRunState(folder)).state, good);
  const odd: readonly (readonly [keyof RunState, unknown])[] = [
    ...[null, [], {}, 'text', [{}], [null], [{ step: 1, images: 'x', config }]].map(
      (v) => ['legs', v] as const,
    ),
    ...[[{ step: 0, images: 0, config, from: { name: 1 } }]].map((v) => ['legs', v] as const),
    ...[null, { epoch: -1, index: 0 }, { epoch: STUBBORN }, 5].map((v) => ['position', v] as const),
    ...[null, {}, [null], [{ total: 'x' }], [{ total: 1, styleLayers: 5 }]].map(
      (v) => ['recent', v] as const,
    ),
    ...[null, [], { learningRateFactor: '1', rollBacks: [] }].map((v) => ['guard', v] as const),
    ['guard', { learningRateFactor: 1, rollBacks: [{ step: 1 }] }],
    ...[null, [], 5, { steps: STUBBORN }, { unknown: 1 }].map((v) => ['config', v] as const),
    ...[5, [{}], [{ name: 'a', styleWeight: null }]].map((v) => ['styles', v] as const),
  ];
  for (const [key, value] of odd) {
    if (key === 'config' && Array.isArray(value)) continue;
    await saveRunState(folder, { ...good, [key]: value } as RunState);
    await isLine(() => loadRunState(folder), `${key} ${JSON.stringify(value)}`);
  }
});

test('invalid records of films, locks, builds and set-up count as none, or are refused in one line', async (t) => {
  const folder = await temporaryFolder(t);
  const record = { frames: 1, start: '0', end: '1', last: '0', mark: 1, bytes: 1, hasMemory: false };
  assert.deepEqual(parseRecord(JSON.stringify(record)), record);
  const odd = [...ODD, ...[[5], STUBBORN, 0, '1e3'].map((start) => JSON.stringify({ ...record, start }))];
  for (const text of odd) assert.equal(parseRecord(text), undefined, text.slice(0, 60));
  for (const text of [...ODD, '{"pid":1}', '{"host":"a","pid":{}}'])
    assert.equal(parseHolder(text), undefined);
  for (const text of [...ODD, '{"format":1,"files":[null]}', '{"format":1,"files":[]}']) {
    await writeFile(join(folder, 'manifest.json'), text);
    assert.equal(readManifest(folder), undefined);
  }
  for (const text of [...ODD, `{"source": ${DEEP[0]}}`, '{"source": {"toString": 1}}']) {
    await writeFile(join(folder, 'film.json'), text);
    assert.equal(await readKey(join(folder, 'film.json')), undefined);
  }
  const plan = { version: 1, settings: { size: 64, quality: 90 }, photos: 'x' } as never;
  const index = {
    version: 1,
    settings: { size: 64, quality: 90 },
    photos: 'x',
    id: 'i',
    count: 1,
    setAside: {},
  };
  const indexes = [
    ...ODD,
    ...[null, [null], [{ file: STUBBORN, lengths: [1] }], [{ file: 'a\0b', lengths: [1] }]].map((shards) =>
      JSON.stringify({ ...index, shards }),
    ),
  ];
  for (const text of indexes) {
    const out = join(folder, 'set');
    await mkdir(out, { recursive: true });
    await writeFile(join(out, 'index.json'), text);
    const { openDataset } = await import('../../src/data/dataset.ts');
    await isLine(() => openDataset(out), text);
    if (ODD.includes(text)) await isLine(() => isBuilt(out, plan, false), text);
    if (ODD.includes(text)) await isLine(() => readIndex(out), text);
  }
  const out = join(folder, 'built');
  for (const note of [
    ...ODD,
    ...[{ lengths: ['x'] }, { sources: [1] }, { setAside: [null] }].map(noteWith),
  ]) {
    await mkdir(out, { recursive: true });
    await writeFile(join(out, 'building.json'), JSON.stringify(plan));
    await writeFile(join(out, 'built-00000.shard.json'), note);
    assert.deepEqual(await startOrResume(out, plan, false), [], note.slice(0, 60));
  }
});

function noteWith(part: object): string {
  const good = {
    file: 'built-00000.tfrecord',
    photosDone: 1,
    lengths: [1],
    sources: [['a', 'b']],
    setAside: [],
  };
  return JSON.stringify({ ...good, ...part });
}

test('a report is made of any remains of a run', async (t) => {
  const folder = await temporaryFolder(t);
  const entry = { step: 1, total: 1, time: STUBBORN, contentLayers: [STUBBORN], images: STUBBORN };
  const events = ['rolled back', 'ended', 'gave up', 'odd'].map((event) => ({
    ...{ step: 1, event, as: STUBBORN, to: STUBBORN, reason: [STUBBORN], text: [[null]] },
  }));
  const lines = [entry, ...events, null, 7, []].map((line) => JSON.stringify(line));
  await writeFile(join(folder, 'log.jsonl'), [...lines, ...ODD].join('\n'));
  const config = { steps: STUBBORN, batch: [], styleWeight: 'much', deep: [[[STUBBORN]]] };
  const texts = { title: STUBBORN, file: null, author: [1] };
  const descriptions = [
    ...ODD,
    JSON.stringify({ config, legs: [null, 5, { step: STUBBORN, from: { images: STUBBORN, legs: 4 } }] }),
    JSON.stringify({ name: {}, style: texts, lossNetwork: texts, software: [texts], photos: STUBBORN }),
    JSON.stringify({ command: 5, painting: '<', originals: [null, { name: STUBBORN }, 5] }),
  ];
  for (const text of descriptions) {
    await writeFile(join(folder, 'run.json'), text);
    await writeReport(folder);
    assert.ok((await readRunDescription(folder)).name.length > 0);
  }
});
