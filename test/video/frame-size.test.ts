/** How large a frame is, ffprobe says: what no decoder should hold a dozen of is refused before one is decoded. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Probe, readFacts } from '../../src/data/video/read-facts.ts';
import { ImageError } from '../../src/system/errors.ts';

const film = (width: number, height: number): Probe => ({
  streams: [{ index: 0, codec_type: 'video', codec_name: 'png', pix_fmt: 'rgb24', width, height }],
});

test('a frame of a camera is accepted, one of 256 million pixels is not', () => {
  assert.equal(readFacts(film(12_288, 6480), undefined, 'film').width, 12_288);
  for (const [width, height] of [
    [16_000, 16_000],
    [65_535, 65_535],
    [2 ** 31 - 1, 1],
  ] as const)
    assert.throws(
      () => readFacts(film(width, height), undefined, 'film'),
      (error: Error) => {
        assert.ok(error instanceof ImageError);
        assert.match(
          error.message,
          /^Expected at most 100,000,000 pixels a frame in film but received \d+×\d+; make it smaller/,
        );
        return true;
      },
    );
});
