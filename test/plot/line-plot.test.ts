import assert from 'node:assert/strict';
import test from 'node:test';
import { drawSvg } from '../../src/data/contact-sheet.ts';
import { type Curve, formatNumber, linearTicks, linePlot, logTicks } from '../../src/plot/line-plot.ts';

const values = (ticks: readonly { readonly value: number }[]) => ticks.map(({ value }) => value);

test('marks are at round numbers inside the range', () => {
  assert.deepEqual(values(linearTicks(0, 300)), [0, 50, 100, 150, 200, 250, 300]);
  assert.deepEqual(values(linearTicks(0.02, 0.11)), [0.02, 0.04, 0.06, 0.08, 0.1]);
  assert.deepEqual(values(linearTicks(-1, 1, 4)), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(values(linearTicks(7, 7)), [7]);
  assert.deepEqual(values(logTicks(0.01, 1)), [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]);
  assert.deepEqual(values(logTicks(3, 20)), [3, 5, 7, 10, 15, 20]);
  assert.deepEqual(values(logTicks(1, 1e6)), [1, 10, 100, 1000, 1e4, 1e5, 1e6]);
  assert.ok(logTicks(1e-20, 1e20).length <= 10);
  assert.deepEqual([0.001, 12345.678, 1e5, 2e-6, 0, 1.23456e-9].map(formatNumber), [
    '0.001',
    '12345.7',
    '1e5',
    '2e-6',
    '0',
    '1.234e-9',
  ]);
});

/** Points of the n-th curve as drawn. */
function pointsOf(svg: string, curve = 0): number[][] {
  const lines = [...svg.matchAll(/<polyline points="([^"]*)"/g)];
  return (lines[curve]?.[1] ?? '').split(' ').map((point) => point.split(',').map(Number));
}

const plotOf = (curves: readonly Curve[], scale: 'log' | 'linear' = 'log') =>
  linePlot({ title: 'A <title>', xLabel: 'iteration', yLabel: 'loss', curves, scale });

test('on a logarithmic axis decades are equally high, and names are next to the ends', () => {
  const curve = { name: 'style & more', x: [0, 1, 2], y: [1, 0.1, 0.01] };
  const svg = plotOf([curve, { name: 'content', x: [0, 2], y: [0.5, 0.5] }]);
  const [a, b, c] = pointsOf(svg);
  assert.ok(a && b && c);
  assert.ok(Math.abs(a[1]! - b[1]! - (b[1]! - c[1]!)) < 0.2, 'equal steps');
  assert.ok(Math.abs(b[0]! - a[0]! - (c[0]! - b[0]!)) < 0.2);
  assert.ok(a[1]! < c[1]!, 'larger values are higher');
  assert.match(svg, />style &#38; more 0\.01</);
  assert.match(svg, />content 0\.5</);
  assert.match(svg, />A &#60;title&#62;</);
  assert.match(svg, />iteration</);
  assert.match(svg, />loss</);
});

test('labels of curves that end together do not overlap', () => {
  const curves = Array.from({ length: 6 }, (_, i) => ({ name: `term ${i}`, x: [0, 1], y: [1 + i, 1] }));
  const heights = [...plotOf(curves).matchAll(/<text x="\d+" y="([\d.]+)" fill=/g)].map(([, y]) => Number(y));
  assert.equal(heights.length, 6);
  const sorted = heights.toSorted((a, b) => a - b);
  for (let i = 1; i < 6; i++) assert.ok(sorted[i]! - sorted[i - 1]! >= 16.9, sorted.join(' '));
});

test('values that cannot be drawn are gaps; with none left there is no plot', () => {
  const gaps = { name: 'a', x: [0, 1, 2, 3, 4], y: [1, 0, Number.NaN, 2, Number.POSITIVE_INFINITY] };
  assert.equal(pointsOf(plotOf([gaps])).length, 2);
  assert.equal(pointsOf(plotOf([gaps], 'linear')).length, 3);
  assert.throws(() => plotOf([{ name: 'a', x: [0], y: [0] }]), /needs a point/);
});

test('a long run is thinned without losing its spikes', () => {
  const x = Array.from({ length: 50_000 }, (_, i) => i);
  const y = x.map((i) => (i === 31_234 ? 1000 : 1 + i / 50_000));
  const svg = plotOf([{ name: 'total', x, y }]);
  const points = pointsOf(svg);
  assert.ok(points.length <= 1100, `${points.length}`);
  assert.equal(Math.min(...points.map(([, py]) => py!)), 42, 'the spike reaches the top');
  assert.equal(Math.max(...points.map(([px]) => px!)), 610, 'the last point is there');
});

test('a plot renders, with ink in the colours of its curves', async () => {
  const svg = plotOf([
    { name: 'a', x: [0, 1], y: [1, 2] },
    { name: 'b', x: [0, 1], y: [2, 1] },
  ]);
  const { pixels, width, height } = await drawSvg(svg, 1.5);
  assert.deepEqual([width, height], [1200, 720]);
  let blue = 0;
  for (let i = 0; i < pixels.length; i += 3)
    if (pixels[i]! < 60 && pixels[i + 1]! > 80 && pixels[i + 1]! < 150 && pixels[i + 2]! > 150) blue++;
  assert.ok(blue > 500, `${blue} blue pixels`);
  await assert.rejects(drawSvg('<svg'), /cannot be rendered/);
});

test('what rounding leaves of a zero does not stretch a logarithmic axis', () => {
  const plot = linePlot({
    title: 't',
    xLabel: 'x',
    yLabel: 'y',
    curves: [{ name: 'a', x: [0, 1, 2], y: [1e-14, 0.5, 1] }],
  });
  assert.doesNotMatch(plot, /1e-1\d/);
  assert.equal(/points="([^"]*)"/.exec(plot)?.[1]?.split(' ').length, 2);
});
