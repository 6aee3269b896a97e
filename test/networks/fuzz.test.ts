import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCheckpoint } from '../../src/networks/checkpoint.ts';
import { formatSafetensors } from '../../src/networks/safetensors.ts';
import { CheckpointError } from '../../src/system/errors.ts';
import { mutated } from '../data/photo/mutations.ts';
import { tinyParameters } from '../helpers/tiny-checkpoint.ts';
import { withSeed } from '../helpers/with-seed.ts';

const architecture = 'c3s1-4,d5,R5,u4,c3s1-3';
const metadata = {
  ...{ format: 'fast-style checkpoint', version: '1', architecture, name: 'noise', steps: '3', images: '12' },
  ...{
    style: '{"file":"a.png"}',
    training: '{"a":{"b":[1]}}',
    lossNetwork: '{}',
    losses: '{"total":1}',
    software: '{}',
  },
};
const sound = formatSafetensors(tinyParameters(architecture), metadata, 'F16');

/** The sound file with another header text. */
function withHeader(change: (header: string) => string): Uint8Array {
  const length = Number(new DataView(sound.buffer).getBigUint64(0, true));
  const header = Buffer.from(change(Buffer.from(sound.subarray(8, 8 + length)).toString()));
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([head, header, sound.subarray(8 + length)]);
}

function refusal(bytes: Uint8Array): string | undefined {
  try {
    const { parameters } = parseCheckpoint(bytes, 'odd.safetensors');
    assert.ok(parameters.every(({ values }) => values.every(Number.isFinite)));
    return undefined;
  } catch (error) {
    assert.ok(error instanceof CheckpointError, error instanceof Error ? error.stack : String(error));
    assert.ok(!/[\n\0]/.test(error.message) && error.message.length < 700, error.message);
    return error.message;
  }
}

test('a damaged checkpoint is loaded whole and finite, or refused in one line', async (t) => {
  const reasons = new Set<string>();
  let loaded = 0;
  for (let seed = 0; seed < 1500; seed++) {
    const reason = await withSeed(seed, () => refusal(mutated(sound, seed)));
    if (reason === undefined) loaded++;
    else reasons.add(reason.replace(/\d+/g, 'N').slice(0, 60));
  }
  t.diagnostic(`${loaded} of 1500 loaded, ${reasons.size} reasons`);
  assert.ok(loaded > 20 && reasons.size > 15);
});

test('malicious headers are refused', () => {
  const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  const cases: readonly (readonly [(header: string) => string, RegExp])[] = [
    [(header) => header.replace('"shape":[4]', `"shape":${deep}`), /its header is not a JSON object/],
    [(header) => header.replace('"dtype":"F16"', `"dtype":${deep}`), /its header is not a JSON object/],
    [
      (header) => header.replace('{\\"total\\":1}', deep),
      /JSON of names and numbers as losses .* but received \[+/,
    ],
    [(header) => header.replace('"steps":"3"', '"steps":"-1"'), /a count as steps .* received -1/],
    [(header) => header.replace('"steps":"3"', '"steps":"many\\n"'), /a count as steps .* received many\\n/],
    [(header) => header.replace('"{\\"file', '"7{\\"file'), /JSON of names and texts as style/],
    // Of two entries of a name the last counts; the other's bytes are then nobody's.
    [
      (header) =>
        header.replace(
          '"layers.0.offset":',
          '"layers.0.offset":{"dtype":"F16","shape":[0],"data_offsets":[0,0]},"x":',
        ),
      /./,
    ],
    [
      (header) => header.replace(/"data_offsets":\[0,(\d+)\]/, '"data_offsets":[2,$1]'),
      /cannot take|overlaps|belong to none/,
    ],
  ];
  for (const [change, message] of cases) {
    const bytes = withHeader(change);
    assert.notDeepEqual(Buffer.from(bytes), Buffer.from(sound), String(message));
    assert.match(refusal(bytes) ?? 'loaded', message);
  }
  assert.match(
    refusal(withHeader((header) => header.replace('"layers.0.offset":', '"layers.0.scale":')))!,
    /belong to none|cannot|tensors/,
  );
});
