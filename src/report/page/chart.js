import { html, svg } from './drawing.js';
import { remember, remembered } from './memory.js';
import { linearTicks, logTicks, shown, stepText } from './numbers.js';

const MARGIN = { left: 56, right: 12, top: 14, bottom: 26 };

/**
 * One chart: curves over steps with marks for events, a legend that shows values and hides curves, and a cursor that
 * follows pointer and arrow keys.
 *
 * @param {{ id: string, title: string, unit: string, isLoss: boolean, joins?: boolean, curves: { name: string, values: (number | null)[] }[] }} chart
 * @param {{ steps: number[], marks: { step: number, kind: string, text: string }[], lastStep: number }} run
 * @param {{ moved: (index: number | undefined) => void, isLog: () => boolean }} shared
 */
export function makeChart(chart, run, shared) {
  const { id, title, unit, isLoss, joins, curves } = chart;
  const { steps, marks } = run;
  const hidden = new Set((remembered(`hide-${id}`) ?? '').split('\n').filter((name) => name !== ''));
  const figure = /** @type {HTMLElement} */ (document.getElementById(`chart-${id}`));
  const frame = html('div', 'plot');
  frame.tabIndex = 0;
  frame.id = `plot-${id}`;
  frame.setAttribute('role', 'group');
  frame.setAttribute('aria-label', `${title}: a chart. Arrow keys read the values.`);
  const legend = html('div', 'legend');
  const readout = html('p', 'readout');
  readout.setAttribute('aria-live', 'polite');
  figure.append(frame, readout, legend);
  /** @type {number | undefined} */
  let cursor;
  let [atX, atIndex, bottom] = [(/** @type {number} */ _) => 0, (/** @type {number} */ _) => 0, 0];

  const labels = curves.map(({ name }, i) => {
    const button = html('button', 'key');
    button.setAttribute('type', 'button');
    const swatch = svg('svg', { viewBox: '0 0 22 8', width: 22, height: 8, 'aria-hidden': 'true' });
    swatch.append(svg('path', { d: 'M0 4H22', class: `curve c${i % 7} ${i >= 7 ? 'dashed' : ''}` }));
    const value = html('span', 'value');
    button.append(swatch, html('span', 'name', name), value);
    button.addEventListener('click', () => {
      if (!hidden.delete(name)) hidden.add(name);
      remember(`hide-${id}`, hidden.size > 0 ? [...hidden].join('\n') : undefined);
      draw();
    });
    legend.append(button);
    return { button, value };
  });
  if (curves.length === 1) legend.classList.add('single');

  function draw() {
    const width = Math.max(240, frame.clientWidth);
    const height = isLoss ? 260 : 150;
    const isLog = isLoss && shared.isLog();
    const visible = curves.filter(({ name }) => !hidden.has(name));
    const fits = (/** @type {number | null} */ value) => value !== null && (!isLog || value > 0);
    const values = visible.flatMap((curve) => curve.values.filter(fits)).map(Number);
    const [lowest, highest] = ends(values, isLog);
    const first = 0;
    const last = Math.max(1, run.lastStep);
    const right = width - MARGIN.right;
    bottom = height - MARGIN.bottom;
    atX = (step) => MARGIN.left + ((step - first) / (last - first)) * (right - MARGIN.left);
    const warp = isLog ? Math.log10 : (/** @type {number} */ value) => value;
    const atY = (/** @type {number} */ value) =>
      bottom - ((warp(value) - warp(lowest)) / (warp(highest) - warp(lowest))) * (bottom - MARGIN.top);
    atIndex = (x) => nearest(steps, first + ((x - MARGIN.left) / (right - MARGIN.left)) * (last - first));

    const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true' });
    const yTicks = isLog ? logTicks(lowest, highest) : linearTicks(lowest, highest, isLoss ? 6 : 3);
    for (const value of yTicks) {
      picture.append(svg('path', { d: `M${MARGIN.left} ${atY(value)}H${right}`, class: 'grid' }));
      const text = svg('text', { x: MARGIN.left - 6, y: atY(value) + 4, class: 'tick end' }, shown(value));
      picture.append(text);
    }
    for (const step of linearTicks(first, last, width / 80)) {
      const anchor = atX(step) > right - 20 ? 'end' : 'middle';
      const place = { x: atX(step), y: height - 8, class: `tick ${anchor}` };
      picture.append(svg('path', { d: `M${atX(step)} ${bottom}v4`, class: 'axis' }));
      picture.append(svg('text', place, stepText(step)));
    }
    picture.append(svg('path', { d: `M${MARGIN.left} ${bottom}H${right}`, class: 'axis' }));
    for (const { step, kind, text } of marks) {
      const mark = svg('g', { class: `mark ${kind}` });
      mark.append(svg('title', {}, text));
      mark.append(svg('path', { d: `M${atX(step)} ${MARGIN.top}V${bottom}`, class: 'line' }));
      mark.append(svg('path', { d: `M${atX(step) - 4} ${MARGIN.top - 8}h8l-4 7z`, class: 'flag' }));
      picture.append(mark);
    }
    curves.forEach((curve, i) => {
      if (hidden.has(curve.name)) return;
      const points = curve.values.map((value, at) =>
        fits(value) ? `${atX(steps[at] ?? 0).toFixed(1)} ${atY(Number(value)).toFixed(1)}` : '',
      );
      const line = `curve c${i % 7} ${i >= 7 ? 'dashed' : ''} ${curve.name === 'total' ? 'strong' : ''}`;
      const drawn = joins ? points.filter((point) => point !== '') : points;
      picture.append(svg('path', { d: pathOf(drawn), class: line }));
      // A single point is no line.
      if (points.filter((point) => point !== '').length === 1) {
        const [x = '0', y = '0'] = (points.find((point) => point !== '') ?? '0 0').split(' ');
        picture.append(svg('circle', { cx: x, cy: y, r: 3, class: `dot c${i % 7}` }));
      }
    });
    picture.append(svg('path', { d: '', class: 'cursor' }));
    frame.replaceChildren(picture);
    point(cursor);
  }

  /** Shows the values at a point of the curves, or the last ones. @param {number | undefined} index */
  function point(index) {
    cursor = index;
    const at = index ?? steps.length - 1;
    const line = frame.querySelector('.cursor');
    line?.setAttribute('d', index === undefined ? '' : `M${atX(steps[at] ?? 0)} ${MARGIN.top}V${bottom}`);
    readout.textContent =
      steps.length === 0
        ? 'No losses yet.'
        : `${index === undefined ? 'Last: s' : 'S'}tep ${stepText(steps[at] ?? 0)}`;
    curves.forEach(({ name, values }, i) => {
      const { button, value } = /** @type {(typeof labels)[number]} */ (labels[i]);
      const number = joins ? values.findLast((value, i) => i <= at && value !== null) : values[at];
      value.textContent = number === null || number === undefined ? '–' : `${shown(number)} ${unit}`.trim();
      button.setAttribute('aria-pressed', String(!hidden.has(name)));
    });
  }

  frame.addEventListener('pointermove', (event) =>
    shared.moved(atIndex(event.clientX - frame.getBoundingClientRect().left)),
  );
  frame.addEventListener('pointerleave', () => shared.moved(undefined));
  frame.addEventListener('blur', () => shared.moved(undefined));
  frame.addEventListener('keydown', (event) => {
    const from = cursor ?? steps.length - 1;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: steps.length - 1 }[event.key];
    if (event.key === 'Escape') shared.moved(undefined);
    if (to === undefined || steps.length === 0) return;
    event.preventDefault();
    shared.moved(Math.min(steps.length - 1, Math.max(0, to)));
  });
  new ResizeObserver(draw).observe(frame);
  return { draw, point };
}

/**
 * The range of an axis, with room for a curve that is level.
 *
 * @param {number[]} values @param {boolean} isLog
 * @returns {[number, number]}
 */
function ends(values, isLog) {
  if (values.length === 0) return isLog ? [0.1, 1] : [0, 1];
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  if (isLog) return lowest < highest ? [lowest, highest] : [lowest / 2, lowest * 2];
  lowest = Math.min(0, lowest);
  return lowest < highest ? [lowest, highest] : [lowest, lowest + 1];
}

/** @param {number[]} steps in their order @param {number} step */
function nearest(steps, step) {
  let best = 0;
  steps.forEach((each, i) => {
    if (Math.abs(each - step) < Math.abs((steps[best] ?? 0) - step)) best = i;
  });
  return best;
}

/** @param {string[]} points empty ones are gaps */
function pathOf(points) {
  let isGap = true;
  let path = '';
  for (const point of points) {
    if (point !== '') path += `${isGap ? 'M' : 'L'}${point}`;
    isGap = point === '';
  }
  return path;
}
