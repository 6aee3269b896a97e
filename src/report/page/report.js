import { makeChart } from './chart.js';
import { remember, remembered } from './memory.js';
import { showPhotos } from './photos.js';
import { keepFresh } from './refresh.js';

const run = JSON.parse(document.getElementById('data')?.textContent ?? '{}');
const scale = /** @type {HTMLInputElement | null} */ (document.getElementById('log-scale'));

/** @type {{ draw: () => void, point: (index: number | undefined) => void }[]} */
const charts = [];
/** @param {number | undefined} index */
const moved = (index) => {
  for (const chart of charts) chart.point(index);
};
if (scale !== null) {
  scale.checked = remembered('scale') !== 'linear';
  scale.addEventListener('change', () => {
    remember('scale', scale.checked ? undefined : 'linear');
    for (const chart of charts) chart.draw();
  });
}
for (const chart of run.charts)
  charts.push(makeChart(chart, run, { moved, isLog: () => scale?.checked ?? true }));
for (const chart of charts) chart.draw();
showPhotos(run.photos);
keepFresh(run);
