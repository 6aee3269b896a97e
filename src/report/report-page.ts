import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { duration } from '../system/duration.ts';
import { escapeXml as text } from '../system/printable.ts';
import { type Phase, type PhaseSettings, phaseAt, phasesFrom } from '../train/step/schedule.ts';
import type { ReportData, ReportState } from './report-data.ts';
import { configuration, eventTable, eventText, isTrouble, MOST_EVENTS, table } from './report-tables.ts';
import type { RunDescription } from './run-description.ts';

/** Seconds between two looks at the page while the run is in progress. */
export const REFRESH_SECONDS = 20;

const STATES: Readonly<Record<ReportState, string>> = {
  running: 'Running',
  done: 'Done',
  stopped: 'Stopped: it can be gone on with',
  failed: 'Failed',
};

/**
 * One HTML page that holds all it shows: no other file, no address is asked for anything. While the run is in progress it loads
 * itself again, from wherever it lies.
 *
 * @param isLive whether a process is running it and will write the page again.
 * @param refreshSeconds between two looks at it.
 */
export function reportPage(data: ReportData, isLive: boolean, refreshSeconds = REFRESH_SECONDS): string {
  const { description, progress, state, charts, previews, log } = data;
  const { script, style, policy } = pageAssets();
  const isRunning = isLive && state === 'running';
  const lastStep = Math.max(progress.step, charts.steps.at(-1) ?? 0);
  const page = {
    isRunning,
    refreshSeconds,
    staleSeconds: 300,
    updated: progress.updated,
    steps: charts.steps,
    lastStep,
    charts: charts.charts,
    marks: [
      ...description.legs
        .slice(1)
        .map(({ step }) => ({ step, kind: 'leg', text: `step ${step}: settings changed` })),
      ...phaseMarks(description, lastStep).map(({ step, text }) => {
        return { step, kind: 'phase', text: `step ${step}: ${text}` };
      }),
      ...log.events
        .slice(-MOST_EVENTS)
        .filter(({ event, details }) => event !== 'ended' || details.as === 'failed')
        .map((event) => ({
          step: event.step,
          kind: isTrouble(event) ? 'bad' : 'plain',
          text: `step ${event.step}: ${eventText(event)}`,
        })),
    ],
    photos: previews.rows.map(({ frames }) => ({ frames })),
  };
  const title = `${description.name}: ${STATES[state].split(':')[0]}`;
  const command =
    description.command === '' || state === 'done'
      ? ''
      : `<h2>Go on</h2>\n<div class="card"><pre>${text(description.command)}</pre></div>`;
  const { title: paintingTitle, author, licence } = description.style;
  const network = Object.entries(description.lossNetwork).map(
    ([name, value]) => [`loss network, ${name}`, value] as const,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>${text(title)}</title>
${isRunning ? `<noscript><meta http-equiv="refresh" content="${refreshSeconds}"></noscript>` : ''}
<style>${style}</style>
</head>
<body>
<header>
${picture(description.painting, 'The painting', 'class="painting"')}
<div>
<h1>${text(description.name)}</h1>
<p class="faint">${text([paintingTitle ?? description.style.file, author, licence].filter(Boolean).join(' · '))}</p>
<p class="state ${state}">${STATES[isLive || state !== 'running' ? state : 'stopped']}</p>
<progress aria-label="Steps done" max="${progress.steps || progress.step || 1}" value="${progress.step}"></progress>
${figures(data)}
<p id="age" role="status" hidden></p>
</div>
</header>
<main>
${photos(data)}
<h2>Losses</h2>
<div class="controls"><label><input type="checkbox" id="log-scale" checked> logarithmic scale</label></div>
${chartCards(data)}
<noscript><p>Curves and slider need JavaScript.</p></noscript>
<h2>Events</h2>
<div class="card scroll">${eventTable(log.events)}</div>
${log.unreadable === 0 ? '' : `<p class="faint">${log.unreadable} lines of the log could not be read and are left out.</p>`}
${command}
<h2>Configuration</h2>
<div class="two">
<div class="card">${configuration(description)}</div>
<div class="card">${table([
    ['precision', description.precision],
    ['pictures in the data set', description.photos.toLocaleString('en')],
    ...network,
    ...Object.entries(description.software),
  ])}</div>
</div>
</main>
<script type="application/json" id="data">${JSON.stringify(page).replaceAll('<', '\\u003c')}</script>
<script>${script}</script>
</body>
</html>
`;
}

function picture(base64: string, alt: string, attributes = ''): string {
  if (base64 === '') return '';
  return `<img src="data:image/webp;base64,${base64}" alt="${text(alt)}" ${attributes}>`;
}

function figures({ progress, description }: ReportData): string {
  const { step, steps, imagesPerSecond, secondsLeft, memory, updated } = progress;
  const of = steps > 0 ? ` of ${steps.toLocaleString('en')}` : '';
  const [day = '', time = ''] = updated.split('T');
  const shown: readonly (readonly [string, string | undefined])[] = [
    ['Step', `${step.toLocaleString('en')}${of}`],
    ['Time left', secondsLeft === undefined ? undefined : duration(secondsLeft)],
    ['Photos per second', imagesPerSecond?.toPrecision(3)],
    ['Memory', memory === undefined ? undefined : `${(memory / 1e9).toFixed(2)} GB`],
    ['Precision', description.precision || undefined],
    ['Updated (UTC)', updated === '' ? undefined : `${time.slice(0, 8) || day}`],
  ];
  const items = shown.flatMap(([name, value]) =>
    value === undefined ? [] : [`<div><dt>${name}</dt><dd>${text(value)}</dd></div>`],
  );
  return `<dl class="figures">${items.join('')}</dl>`;
}

function photos({ previews, description }: ReportData): string {
  const { rows, leftOut } = previews;
  if (rows.length === 0) return '<h2>Previews</h2>\n<p class="faint">No preview has been painted yet.</p>';
  const last = Math.max(...rows.map(({ frames }) => frames.length)) - 1;
  const cards = rows.map(({ photo, frames }, i) => {
    const original = description.originals.find(({ name }) => name === photo);
    const newest = frames.at(-1)!;
    const beside = original === undefined ? '' : picture(original.picture, `${photo}, the photo`);
    return `<div class="photo"><h3>${text(photo)}</h3>
${beside === '' ? '' : `<figure>${beside}<figcaption>photo</figcaption></figure>`}
<figure class="painted">${picture(newest.picture, `painted after step ${newest.step}`, `id="painted-${i}"`)}<figcaption>painted</figcaption></figure>
${description.painting === '' || i > 0 ? '' : `<figure class="small">${picture(description.painting, 'the painting')}<figcaption>painting</figcaption></figure>`}
</div>`;
  });
  return `<h2>Previews</h2>
<div class="card">
<div class="controls"><button type="button" id="play">Play</button>
<input type="range" id="slider" aria-label="Step of the previews" min="0" max="${last}" value="${last}">
<output id="slider-step" for="slider"></output></div>
<div class="photos">${cards.join('\n')}</div>
${leftOut === 0 ? '' : `<p class="faint">${leftOut} more photos lie in the folder of previews.</p>`}
</div>`;
}

function chartCards({ charts }: ReportData): string {
  const more = charts.leftOut;
  const card = ({ id, title, hint }: (typeof charts.charts)[number], extra = '') =>
    `<section class="card ${extra}" id="chart-${id}"><h3>${text(title)}</h3><p class="faint">${text(hint)}</p></section>`;
  const losses = charts.charts.filter(({ isLoss }) => isLoss);
  const others = charts.charts.filter(({ isLoss }) => !isLoss);
  if (losses.length === 0)
    return '<p class="faint">No losses have been logged yet: every 50 steps are a point.</p>';
  return `<div class="charts">${losses.map((chart) => card(chart, ['terms', 'held-out'].includes(chart.id) ? 'wide' : '')).join('\n')}</div>
<div class="charts low">${others.map((chart) => card(chart)).join('\n')}</div>
${more === 0 ? '' : `<p class="faint">${more} more curves are in the log.</p>`}`;
}

/** The script and the style sheets of the page: plain files in `page/`, which browsers run as they are. */
interface PageAssets {
  readonly script: string;
  readonly style: string;
  /** What the page may do: run and apply just these, show pictures that are in it, and reach nothing. */
  readonly policy: string;
}

const read = (name: string) =>
  readFileSync(new URL(`../../src/report/page/${name}`, import.meta.url), 'utf8');

/**
 * The modules as one script: each before those that import it, without the words `import` and `export`. They use no
 * other forms of these words than those found here, and no two the same name.
 */
function joined(entry: string, seen = new Set<string>()): string {
  if (seen.has(entry)) return '';
  seen.add(entry);
  const source = read(entry);
  const imports = [...source.matchAll(/^import \{[^}]*\} from '\.\/([\w-]+\.js)';\n/gm)];
  const before = imports.map(([, name]) => joined(name!, seen)).join('');
  const own = imports.reduce((text, [line]) => text.replace(line, ''), source);
  return `${before}${own.replace(/^export /gm, '')}`;
}

/** @throws {Error} a file of the program is missing. */
function pageAssets(): PageAssets {
  const script = `'use strict';\n{\n${joined('report.js')}}\n`;
  const style = ['colours.css', 'report.css', 'charts.css'].map(read).join('');
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const policy = `default-src 'none'; img-src data:; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
  return { script, style, policy };
}

/** Where a phase of a run begins: curves leap there. */
interface PhaseMark {
  readonly step: number;
  readonly text: string;
}

/**
 * The phases that a run has come to after its first, by the settings of the leg that each belongs to. Those of a run of
 * which no such settings are known have none.
 *
 * @param lastStep the furthest step done.
 */
function phaseMarks({ config, legs }: RunDescription, lastStep: number): readonly PhaseMark[] {
  const all = legs.length === 0 ? [{ step: 0, config }] : legs;
  return all.flatMap(({ step, config: settings }, i) => {
    if (!hasPhases(settings)) return [];
    const end = Math.min(all[i + 1]?.step ?? lastStep, lastStep);
    return phasesFrom(step, settings)
      .slice(1)
      .filter(({ from }) => from < end)
      .map((phase) => {
        return { step: phase.from, text: changesTo(phase, phaseAt(phase.from - 1, settings)) };
      });
  });
}

function changesTo(to: Phase, from: Phase): string {
  const changes = [
    to.imageSize === from.imageSize ? [] : [`crops of ${to.imageSize} px`],
    to.stabilityWeight === from.stabilityWeight ? [] : [`stability, weight ${to.stabilityWeight}`],
  ];
  return `from here on ${changes.flat().join(' and ')}`;
}

const NAMES = ['imageSize', 'stabilityWeight', 'smallCrops', 'stabilityFrom', 'steps'] as const;

function hasPhases(settings: object): settings is PhaseSettings {
  return NAMES.every((name) => Number.isFinite((settings as Record<string, unknown>)[name]));
}
