/** Every style that ships paints without faults, or with those that are known and waited to be mended. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { decodePicture, readPicture } from '../../src/data/image-file.ts';
import { StyleNetwork } from '../../src/infer/style-network.ts';
import { measureFaults } from '../../src/quality/faults.ts';
import type { MeasureName } from '../../src/quality/limits.ts';
import { shippedStyles as styles } from '../helpers/shipped-files.ts';

/**
 * Faults that a shipped style has, with the worst that they may be. One that is mended has to go from here, or the test
 * fails.
 */
const KNOWN: Readonly<Record<string, Partial<Record<MeasureName, number>>>> = {
  // Which joints and lines they draw near a border depends on what lies beyond.
  mosaic: { 'border contrast': 0.4 },
  ink: { 'border contrast': 0.4, dots: 4 },
};

const root = fileURLToPath(new URL('../..', import.meta.url));
const photos = await Promise.all(
  ['harbour', 'valley'].map((name) => readPicture(join(root, 'samples', `${name}.jpg`), { shortSide: 400 })),
);

test('shipped styles are found', () => assert.ok(styles.length > 0));

for (const file of styles) {
  const style = file.replace('.safetensors', '');
  test(`${style}: faults`, async () => {
    const stylizer = await StyleNetwork.load(join(root, 'checkpoints', file));
    try {
      const { thumbnail } = stylizer.checkpoint;
      const measures = await measureFaults({
        stylize: (picture) => stylizer.stylize(picture),
        photos,
        painting: await decodePicture(Buffer.from(thumbnail ?? '', 'base64'), 'thumbnail'),
        side: 192,
        crops: 6,
      });
      const known = KNOWN[style] ?? {};
      for (const { name, value, limit, sense, ok } of measures) {
        const worst = known[name];
        if (worst === undefined) assert.ok(ok, `${name}: ${value}, ${sense} ${limit}`);
        else {
          assert.ok(!ok, `${name} is mended (${value}): take it from the known faults`);
          const within = sense === 'at most' ? value <= worst : value >= worst;
          assert.ok(within, `${name}: ${value}, worse than the known ${worst}`);
        }
      }
    } finally {
      stylizer.dispose();
    }
  });
}
