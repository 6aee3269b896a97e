import { escapeXml } from '../system/printable.ts';

/** A named line. Values that are not finite, or too small for a logarithmic axis, are gaps in it. */
export interface Curve {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
  /** Drawn broader: the one that matters most. */
  readonly strong?: boolean;
}

export interface LinePlot {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly curves: readonly Curve[];
  /** Scale of the y axis. Defaults to `log`. */
  readonly scale?: 'log' | 'linear';
  /** Units of the SVG. Default to 800 and 480. */
  readonly width?: number;
  readonly height?: number;
}

/** Okabe & Ito's colours (2008), distinguishable for the colour-blind; the second round is dashed. */
const COLOURS = ['#000000', '#0072b2', '#d55e00', '#009e73', '#cc79a7', '#56b4e9', '#e69f00'];
const MARGIN = { left: 76, right: 190, top: 42, bottom: 52 } as const;
/** Points per curve; of more, the lowest and highest of each stretch are kept, so that spikes stay. */
const MOST_POINTS = 1000;
const LABEL_HEIGHT = 17;
/** A logarithmic axis ends at this share of the largest value: below is what rounding leaves of a zero. */
const LEAST_SHARE = 1e-7;

/**
 * Curves over a common x axis as an SVG: marks and grid at round numbers, each curve's name and last value next to its
 * end. @throws {RangeError} no curve has a point that can be drawn.
 */
export function linePlot(plot: LinePlot): string {
  const { title, xLabel, yLabel, scale = 'log', width = 800, height = 480 } = plot;
  const largest = plot.curves
    .flatMap(({ y }) => y)
    .reduce((most, value) => (Number.isFinite(value) && value > most ? value : most), 0);
  const least =
    scale === 'log' ? Math.max(largest * LEAST_SHARE, Number.MIN_VALUE) : Number.NEGATIVE_INFINITY;
  const curves = plot.curves
    .map((curve) => ({ ...curve, points: drawable(curve, least) }))
    .filter(({ points }) => points.length > 0);
  const all = curves.flatMap(({ points }) => points);
  if (all.length === 0) throw new RangeError('A plot needs a point that can be drawn.');
  const [left, right] = [MARGIN.left, width - MARGIN.right];
  const [top, bottom] = [MARGIN.top, height - MARGIN.bottom];
  const xs = spread(
    all.map(([x]) => x),
    'linear',
  );
  const ys = spread(
    all.map(([, y]) => y),
    scale,
  );
  const warp = scale === 'log' ? Math.log10 : (value: number) => value;
  const atX = (x: number) => left + ((x - xs[0]) / (xs[1] - xs[0])) * (right - left);
  const atY = (y: number) =>
    bottom - ((warp(y) - warp(ys[0])) / (warp(ys[1]) - warp(ys[0]))) * (bottom - top);

  const xTicks = linearTicks(...xs).map((tick) => vertical(tick, atX(tick.value), top, bottom));
  const yTicks = (scale === 'log' ? logTicks(...ys) : linearTicks(...ys)).map((tick) =>
    horizontal(tick, atY(tick.value), left, right),
  );
  const labels = apart(
    curves.map(({ points }) => atY(points.at(-1)![1])),
    top,
    bottom,
  );
  const lines = curves.map(({ name, points, strong }, i) => {
    const colour = COLOURS[i % COLOURS.length];
    const dash = i >= COLOURS.length ? ' stroke-dasharray="5 3"' : '';
    const path = points.map(([x, y]) => `${round(atX(x))},${round(atY(y))}`).join(' ');
    const [lastX, lastY] = points.at(-1)!;
    const at = labels[i]!;
    const leader = `M${round(atX(lastX))} ${round(atY(lastY))}L${right + 8} ${round(at)}`;
    return [
      `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="${strong ? 2.4 : 1.4}"${dash}/>`,
      `<path d="${leader}" fill="none" stroke="${colour}" stroke-width="0.6" opacity="0.6"/>`,
      `<text x="${right + 12}" y="${round(at + 4)}" fill="${colour}">${escapeXml(name)} ${formatNumber(Number(lastY.toPrecision(3)))}</text>`,
    ].join('\n');
  });
  const middle = (left + right) / 2;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#333">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${middle}" y="24" text-anchor="middle" font-size="15">${escapeXml(title)}</text>`,
    ...xTicks,
    ...yTicks,
    `<path d="M${left} ${top}V${bottom}H${right}" fill="none" stroke="#333"/>`,
    ...lines,
    `<text x="${middle}" y="${height - 14}" text-anchor="middle">${escapeXml(xLabel)}</text>`,
    `<text transform="translate(18 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeXml(yLabel)}</text>`,
    '</svg>\n',
  ].join('\n');
}

type Point = readonly [x: number, y: number];

function drawable({ x, y }: Curve, least: number): Point[] {
  const points = x.flatMap((at, i): Point[] => {
    const value = y[i] ?? Number.NaN;
    return Number.isFinite(at) && Number.isFinite(value) && value >= least ? [[at, value]] : [];
  });
  if (points.length <= MOST_POINTS) return points;
  const stretch = Math.ceil((2 * points.length) / MOST_POINTS);
  const kept: Point[] = [];
  for (let start = 0; start < points.length; start += stretch) {
    const some = points.slice(start, start + stretch).sort((a, b) => a[1] - b[1]);
    kept.push(...[...new Set([some[0]!, some.at(-1)!])].sort((a, b) => a[0] - b[0]));
  }
  return [...new Set([...kept, points.at(-1)!])];
}

/** The values' range, widened a little where they are all alike. */
function spread(values: readonly number[], scale: 'log' | 'linear'): [number, number] {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (least < most) return [least, most];
  return scale === 'log' ? [least / 2, most * 2] : [least, least + 1];
}

/** Heights of labels moved as little as keeps them from lying on one another. */
function apart(wanted: readonly number[], top: number, bottom: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!);
  const placed = [...wanted];
  let free = top;
  for (const i of order) {
    placed[i] = Math.max(placed[i]!, free);
    free = placed[i]! + LABEL_HEIGHT;
  }
  let limit = bottom;
  for (const i of order.toReversed()) {
    placed[i] = Math.min(placed[i]!, limit);
    limit = placed[i]! - LABEL_HEIGHT;
  }
  return placed;
}

function vertical({ label }: Tick, x: number, top: number, bottom: number): string {
  const at = round(x);
  return `<path d="M${at} ${top}V${bottom}" stroke="#ddd"/><text x="${at}" y="${bottom + 18}" text-anchor="middle">${label}</text>`;
}

function horizontal({ label }: Tick, y: number, left: number, right: number): string {
  const at = round(y);
  return `<path d="M${left} ${at}H${right}" stroke="#ddd"/><text x="${left - 8}" y="${round(y + 4)}" text-anchor="end">${label}</text>`;
}

const round = (value: number) => Math.round(value * 10) / 10;

interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Round numbers (1, 2 or 5 times a power of ten) from `least` to `most`, about `count` of them. */
export function linearTicks(least: number, most: number, count = 6): Tick[] {
  if (!(most > least)) return [{ value: least, label: formatNumber(least) }];
  const rough = (most - least) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  const ticks: Tick[] = [];
  for (let i = Math.ceil(least / step - 1e-9); i * step <= most + step * 1e-9; i++) {
    const value = Number((i * step).toPrecision(12));
    ticks.push({ value, label: formatNumber(value) });
  }
  return ticks;
}

/** Powers of ten from `least` to `most`; where they are few, 2 and 5 times them as well; where many, every n-th. */
export function logTicks(least: number, most: number, count = 8): Tick[] {
  const [from, to] = [Math.floor(Math.log10(least) + 1e-9), Math.ceil(Math.log10(most) - 1e-9)];
  const decades = Math.log10(most / least);
  const factors = decades < 1 ? [1, 1.5, 2, 3, 5, 7] : decades < 3 ? [1, 2, 5] : [1];
  const every = Math.max(1, Math.ceil(decades / count));
  const ticks: Tick[] = [];
  for (let power = from; power <= to; power++) {
    if (power % every !== 0) continue;
    for (const factor of factors) {
      const value = Number((factor * 10 ** power).toPrecision(12));
      if (value >= least * (1 - 1e-9) && value <= most * (1 + 1e-9))
        ticks.push({ value, label: formatNumber(value) });
    }
  }
  return ticks;
}

/** Plain from 0.001 to below 100,000, otherwise with an exponent: `2e-6`. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (value === 0) return '0';
  if (size >= 1e-3 && size < 1e5) return String(Number(value.toPrecision(6)));
  return value
    .toExponential()
    .replace('e+', 'e')
    .replace(/(\.\d{3})\d+/, '$1');
}
