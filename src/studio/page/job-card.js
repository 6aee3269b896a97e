/** A job as the page shows it. */
import { html } from './html.js';
import { ask, resultUrl } from './server.js';
import { attempt } from './store.js';

/** @typedef {import('../protocol.ts').StudioJob} Job */

export const STATES = {
  waiting: 'Waiting',
  running: 'Running',
  paused: 'Paused',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

const UNITS = {
  train: 'steps',
  film: 'frames',
  photo: 'pictures',
  styles: 'pictures',
  strengths: 'strengths',
};

/** @param {Job} job */
export const isOpen = ({ state }) => ['waiting', 'running', 'paused'].includes(state);

/** @param {Job} job */
function stateOf({ state, wish }) {
  if (state === 'running' && wish !== undefined) return wish === 'pause' ? 'Saving …' : 'Ending …';
  return STATES[state];
}

/** @param {{ job: Job }} props */
export function JobProgressBar({ job }) {
  const { progress, state, request, title } = job;
  if (!['running', 'paused'].includes(state)) return null;
  const unit = UNITS[request.kind];
  const text =
    progress === undefined
      ? state === 'running' && (request.kind === 'train' || request.kind === 'strengths')
        ? 'Preparing …'
        : ''
      : `${Math.floor(progress.done).toLocaleString('en')}${progress.total === undefined ? '' : ` of ${progress.total.toLocaleString('en')}`} ${unit}`;
  const known = progress?.total !== undefined ? { value: progress.done, max: progress.total } : {};
  return html`<div class="job-progress">
    <progress aria-label=${`Progress of ${title}`} ...${known}></progress>
    <span class="hint">${text}</span>
  </div>`;
}

/** @param {{ job: Job, children?: any }} props */
export function JobButtons({ job, children }) {
  const { id, state, wish, request, title } = job;
  /** @param {string} verb */
  const send = (verb) => void attempt(() => ask('POST', `jobs/${id}/${verb}`));
  /** @param {string} verb @param {string} text */
  const button = (
    verb,
    text,
  ) => html`<button type="button" class="button small" disabled=${wish !== undefined}
    aria-label=${`${text}: ${title}`} onClick=${() => send(verb)}>${text}</button>`;
  const isLong = request.kind === 'train' || request.kind === 'film';
  const isEnded = ['done', 'failed', 'cancelled', 'paused'].includes(state);
  return html`<div class="job-buttons">
    ${state === 'running' && isLong && button('pause', 'Pause')}
    ${state === 'paused' && button('resume', 'Resume')}
    ${(state === 'failed' || state === 'cancelled') && button('resume', 'Try again')}
    ${children}
    ${isOpen(job) && button('cancel', 'Cancel')}
    ${
      isEnded &&
      !isOpen(job) &&
      html`<button type="button" class="button small quiet" aria-label=${`Remove: ${title}`}
      onClick=${() => void attempt(() => ask('DELETE', `jobs/${id}`))}>Remove</button>`
    }
  </div>`;
}

/** @param {{ job: Job }} props */
export function Results({ job: { id, request, results } }) {
  if (request.kind === 'train' || request.kind === 'strengths' || results.length === 0) return null;
  return html`<ul class="results">
    ${results.map((name) => {
      const isPicture = /\.(jpg|png|webp|avif|gif)$/.test(name);
      return html`<li key=${name}>
        ${isPicture && html`<img src=${resultUrl(id, name)} alt="" loading="lazy" />`}
        <a href=${resultUrl(id, name, true)} download=${name}>${name}</a>
      </li>`;
    })}
  </ul>`;
}

/** @param {{ job: Job }} props */
export function JobCard({ job }) {
  const { title, error, notes, created, state } = job;
  return html`<article class="card job">
    <div class="job-head">
      <h3>${title}</h3>
      <span class=${`state ${state}`}>${stateOf(job)}</span>
    </div>
    <p class="hint">${new Date(created).toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' })}</p>
    <${JobProgressBar} job=${job} />
    ${error && html`<p class="error">${error}</p>`}
    ${
      notes.length > 0 &&
      html`<details><summary>${notes.length === 1 ? 'A note' : `${notes.length} notes`}</summary>
      <ul class="notes">${notes.map((note, i) => html`<li key=${i}>${note}</li>`)}</ul></details>`
    }
    <${Results} job=${job} />
    <${JobButtons} job=${job} />
  </article>`;
}

/** @param {{ jobs: readonly Job[] }} props */
export function JobsView({ jobs }) {
  const newest = jobs.toReversed();
  /** @param {string} title @param {readonly Job[]} some */
  const group = (title, some) =>
    some.length > 0 &&
    html`<section aria-label=${title}><h2>${title}</h2>
      <div class="cards">${some.map((job) => html`<${JobCard} key=${job.id} job=${job} />`)}</div></section>`;
  return html`<div class="view jobs-view">
    <h1 tabindex="-1">Queue</h1>
    ${jobs.length === 0 && html`<p class="empty">Nothing yet. What you export, film or train appears here, and stays here when you close the page.</p>`}
    ${group(
      'Now',
      newest.filter(({ state }) => state === 'running'),
    )}
    ${group(
      'Waiting',
      jobs.filter(({ state }) => state === 'waiting' || state === 'paused'),
    )}
    ${group(
      'History',
      newest.filter((job) => !isOpen(job)),
    )}
  </div>`;
}
