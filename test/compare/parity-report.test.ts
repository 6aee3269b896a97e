import assert from 'node:assert/strict';
import test from 'node:test';
import type { NamedParity, ParityReport } from '../../src/compare/figures.ts';
import { parityJson, parityMarkdown, summarise } from '../../src/compare/parity-report.ts';

const picture = { pixels: new Uint8Array(3), width: 1, height: 1 };

function result(name: string, network: number, overtaken: number | undefined, totals: number[]): NamedParity {
  return {
    name,
    photo: { picture, total: 3, terms: { content: 0, style: 3 } },
    network: { picture, total: network, terms: { content: 0.1, style: network - 0.1 }, seconds: 0.02 },
    milestones: totals.map((total, i) => ({
      picture,
      total,
      terms: { content: 0.2, style: total - 0.2 },
      iterations: 10 * (i + 1),
      seconds: 2 * (i + 1),
    })),
    overtaken: overtaken === undefined ? undefined : { iterations: overtaken, seconds: 1 },
    refined: { iterations: 4, seconds: 1 },
    iterations: 20,
  };
}

const report: ParityReport = {
  style: 'wave',
  conditions: ['a', 'b'],
  at: [10, 20],
  sizes: [
    {
      size: 256,
      lineSearch: 'strong-wolfe',
      photos: [result('x.jpg', 0.5, 12, [0.6, 0.4]), result('y.jpg', 0.7, undefined, [1, 0.8])],
    },
    {
      size: 512,
      lineSearch: 'none',
      photos: [result('x.jpg', 0.5, 12, [0.6]), result('y.jpg', 0.7, 16, [1, 0.8])],
    },
  ],
};

test('means over photos, ratios of times, and medians in which "never" is later than all', () => {
  const [small, large] = report.sizes.map((size) => summarise(size, report.at));
  assert.ok(small && large);
  assert.ok(Math.abs(small.networkTotal - 0.6) < 1e-9);
  assert.deepEqual(small.overtaken, [12, null]);
  assert.equal(small.medianOvertaken, null);
  assert.equal(small.medianRefined, 4);
  assert.deepEqual(
    small.milestones.map(({ iterations, seconds, ratio }) => [iterations, seconds, Math.round(ratio)]),
    [
      [10, 2, 100],
      [20, 4, 200],
    ],
  );
  assert.equal(large.medianOvertaken, 14);
  assert.deepEqual(
    large.milestones.map(({ iterations }) => iterations),
    [10],
    'a mean over some of the photos would compare unlike things',
  );
});

test('the same numbers in Markdown and JSON', () => {
  const markdown = parityMarkdown(report);
  assert.match(markdown, /^# wave: network against optimisation$/m);
  assert.match(markdown, /^\| 256 \| searched \| 3\.000 \| 0\.6000 \| 0\.8000 \| 0\.6000 \| > 20 \| 4 \|$/m);
  assert.match(markdown, /^\| 512 \| fixed \| 3\.000 \| 0\.6000 \| 0\.8000 \| – \| 14 \| – \|$/m);
  assert.match(markdown, /^\| 256 \| searched \| – \| 0\.020 s \| 2\.0 s \(100×\) \| 4\.0 s \(200×\) \|$/m);
  assert.match(markdown, /^\| y\.jpg \| > 20, 4 \| 16 \|$/m);
  const rows = markdown.split('\n').filter((line) => line.startsWith('|'));
  assert.match(markdown, /^\| 256 \| searched \| optimisation \| 0\.2000 \| 0\.4000 \|$/m);
  assert.match(markdown, /^\| 512 \| fixed \| network \| 0\.1000 \| 0\.5000 \|$/m);
  for (const row of rows) assert.ok([5, 6, 8, 3].includes(row.split('|').length - 2), row);
  assert.doesNotMatch(markdown, /pairs of pictures/, 'where training weighed none');
  const json = JSON.parse(parityJson(report)) as { sizes: { each: { overtaken: unknown }[] }[] };
  assert.equal(json.sizes[0]!.each[1]!.overtaken, null);
  assert.doesNotMatch(parityJson(report), /pixels/);
});
