/** Paintings and the styles that are trained on them. */
import { useState } from 'preact/hooks';
import { Choice, FileButton, Slider } from './controls.js';
import { PICTURES, takeIn } from './drop.js';
import { html } from './html.js';
import { isOpen, JobButtons, JobProgressBar, STATES } from './job-card.js';
import { ask, pictureUrl, resultUrl } from './server.js';
import { attempt, choose, say } from './store.js';

/** @typedef {import('./store.js').State} State */
/** @typedef {import('./store.js').Item} Item */
/** @typedef {import('./store.js').Job} Job */

/** Photos that a training paints on the way. */
const MOST_PREVIEWS = 3;
const USUAL_STRENGTH = 5;

/** @param {{ state: State }} props */
export function TrainView({ state }) {
  const { items, jobs, choices } = state;
  const paintings = items.filter(({ kind }) => kind === 'painting');
  const painting = paintings.find(({ id }) => id === choices.painting) ?? paintings.at(-1);
  const trainings = jobs.filter(({ request }) => request.kind === 'train').toReversed();
  const compared = jobs.findLast(
    ({ request }) => request.kind === 'strengths' && request.item === painting?.id,
  );
  const [strengths, setStrengths] = useState(/** @type {Record<string, number>} */ ({}));
  const strength = strengths[painting?.id ?? ''] ?? USUAL_STRENGTH;
  const onStrength = (/** @type {number} */ value) =>
    setStrengths({ ...strengths, [painting?.id ?? '']: value });
  return html`<div class="view train-view">
    <h1 tabindex="-1">Train a style</h1>
    <div class="easel">
      <section class="canvas" aria-label="Painting">
        ${
          painting === undefined
            ? html`<div class="welcome"><p class="welcome-title">Drop a painting here</p>
              <p>A network learns to paint like it: half an hour for a first look, a night for the best.</p>
              <${FileButton} label="Choose a painting" accept=${PICTURES} isMain=${true} onFiles=${(/** @type {File[]} */ files) => void takeIn(files, 'train')} />
            </div>`
            : html`<div class="strip">
              <ul aria-label="Paintings">${paintings.map(
                (
                  one,
                ) => html`<li key=${one.id}><button type="button" class="thumb" aria-pressed=${one === painting} title=${one.name}
                  onClick=${() => choose({ painting: one.id })}><img src=${pictureUrl(one.id, 320)} alt="" draggable=${false} />
                  <span class="unseen">${one.name}</span></button></li>`,
              )}</ul>
              <${FileButton} label="Add" accept=${PICTURES} onFiles=${(/** @type {File[]} */ files) => void takeIn(files, 'train')} />
            </div>
            <figure class="painting"><img src=${pictureUrl(painting.id, 960)} alt=${`The painting ${painting.name}`} />
              <figcaption class="caption"><strong>${painting.name}</strong>
                <button type="button" class="button small quiet" onClick=${() => void attempt(() => ask('DELETE', `items/${painting.id}`))}>Remove</button></figcaption>
            </figure>
            ${compared !== undefined && compared.results.length > 0 && html`<${StrengthPictures} job=${compared} strength=${strength} onStrength=${onStrength} />`}`
        }
      </section>
      <aside class="panel" aria-label="Settings of the training">
        ${
          painting !== undefined &&
          html`<${TrainForm} key=${painting.id} painting=${painting} items=${items} compared=${compared}
          strength=${strength} onStrength=${onStrength} />`
        }
      </aside>
    </div>
    ${
      trainings.length > 0 &&
      html`<section aria-labelledby="trainings"><h2 id="trainings">Trainings</h2>
      <div class="cards">${trainings.map((job) => html`<${Training} key=${job.id} job=${job} losses=${state.losses[job.id] ?? []} />`)}</div></section>`
    }
  </div>`;
}

/** @param {string} name */
const stem = (name) =>
  name
    .replace(/\.[^.]*$/, '')
    .replace(/[^\p{L}\p{N} ._-]+/gu, ' ')
    .trim() || 'style';

/**
 * Asks for ten pictures to choose the strength by, each from a short training, and shows how far they are.
 *
 * @param {{ painting: Item, job: Job | undefined }} props
 */
function StrengthComparison({ painting, job }) {
  const compare = () => void attempt(() => ask('POST', 'jobs', { kind: 'strengths', item: painting.id }));
  if (job === undefined || (job.results.length === 0 && !isOpen(job)))
    return html`<div class="column"><button type="button" class="button" onClick=${compare}>Compare strengths</button>
      <p class="hint">Ten short trainings, some minutes, to choose by.</p>
      ${job?.error && html`<p class="error">${job.error}</p>`}</div>`;
  if (job.results.length > 0) return null;
  return html`<div class="column" role="group" aria-label="Comparing strengths"><p class="hint">Comparing strengths: ${STATES[job.state].toLowerCase()}.</p>
      <${JobProgressBar} job=${job} /><${JobButtons} job=${job} /></div>`;
}

/**
 * The ten pictures, as large as the place of the painting allows.
 *
 * @param {{ job: Job, strength: number, onStrength: (strength: number) => void }} props
 */
function StrengthPictures({ job, strength, onStrength }) {
  return html`<fieldset class="strengths">
    <legend>Choose the strength by its picture <span class="hint">Each is from a short training: the style will be finer.</span></legend>
    ${job.results.map((name, i) => {
      const value = i + 1;
      return html`<label key=${name} class=${value === strength ? 'chosen' : ''}>
        <input type="radio" name="strength" checked=${value === strength} onChange=${() => onStrength(value)} />
        <img src=${resultUrl(job.id, name)} alt="" /><span>${value}</span></label>`;
    })}
  </fieldset>`;
}

/** @param {{ painting: Item, items: readonly Item[], compared: Job | undefined, strength: number, onStrength: (strength: number) => void }} props */
function TrainForm({ painting, items, compared, strength, onStrength }) {
  const [form, set] = useState({ name: stem(painting.name), quality: 'good', steps: '' });
  const photos = items.filter(({ kind }) => kind === 'photo').slice(-MOST_PREVIEWS);
  /** @param {Event} event */
  const start = (event) => {
    event.preventDefault();
    const { steps, ...rest } = form;
    const request = {
      ...{ kind: 'train', item: painting.id, ...rest, strength, previews: photos.map(({ id }) => id) },
      ...(steps === '' ? {} : { steps: Number(steps) }),
    };
    void attempt(async () => {
      await ask('POST', 'jobs', request);
      say(`The training of ${form.name} is in the queue.`);
    });
  };
  /** @param {string} name */
  const text = (name) => (/** @type {any} */ event) => set({ ...form, [name]: event.target.value });
  return html`<form onSubmit=${start}>
    <section><h2>New style</h2>
      <label class="field"><span class="field-name">Name</span>
        <input type="text" required maxlength="80" value=${form.name} onInput=${text('name')} /></label>
      <${StrengthComparison} painting=${painting} job=${compared} />
      <${Slider} label="Strength" value=${strength} min=${1} max=${10} step=${1} shown=${String(strength)}
        hint="1 keeps the photo, 10 takes all of the painting." onValue=${onStrength} />
      <${Choice} label="Quality" value=${form.quality}
        choices=${[['preview', 'Preview'], ['good', 'Good'], ['best', 'Best']]}
        onValue=${(/** @type {string} */ quality) => set({ ...form, quality })} />
      <details><summary>More</summary>
        <label class="field"><span class="field-name">Steps</span>
          <input type="number" min="1" max="1000000" value=${form.steps} placeholder="as the quality has it" onInput=${text('steps')} /></label>
      </details>
      <p class="hint">${photos.length === 0 ? 'Photos of the Paint page are painted on the way, to see how it learns.' : `On the way it paints ${photos.map(({ name }) => name).join(', ')}.`}</p>
      <button type="submit" class="button main">Start training</button>
    </section>
  </form>`;
}

/** @param {{ job: Job, losses: readonly number[] }} props */
function Training({ job, losses }) {
  const [isReportOpen, openReport] = useState(false);
  const { request, state, title, error, notes, kept, progress, hasReport } = job;
  if (request.kind !== 'train') return null;
  const canKeep = state === 'paused' || state === 'done' || (state === 'cancelled' && progress !== undefined);
  return html`<article class="card job training">
    <div class="job-head">
      <img src=${pictureUrl(request.item, 320)} alt="" />
      <div><h3>${request.name}</h3><p class="hint">strength ${request.strength}, ${request.quality}</p></div>
      <span class=${`state ${state}`}>${job.wish === 'pause' ? 'Saving …' : STATES[state]}</span>
    </div>
    <${JobProgressBar} job=${job} />
    <${Curve} losses=${losses} name=${request.name} />
    ${error && html`<p class="error">${error}</p>`}
    ${
      notes.length > 0 &&
      html`<details><summary>${notes.length === 1 ? 'A note' : `${notes.length} notes`}</summary>
      <ul class="notes">${notes.map((note, i) => html`<li key=${i}>${note}</li>`)}</ul></details>`
    }
    ${kept && html`<p class="kept">Kept as <strong>${kept}</strong>: it is among the styles of the Paint page.</p>`}
    <${JobButtons} job=${job}>
      ${
        canKeep &&
        html`<button type="button" class=${`button small ${kept ? '' : 'main'}`} aria-label=${`Keep: ${title}`}
        onClick=${() => void attempt(() => ask('POST', `jobs/${job.id}/keep`))}>${kept ? 'Keep again' : 'Keep'}</button>`
      }
      ${
        hasReport &&
        html`<button type="button" class="button small" aria-expanded=${isReportOpen} aria-label=${`Report: ${title}`}
        onClick=${() => openReport(!isReportOpen)}>${isReportOpen ? 'Hide report' : 'Report'}</button>`
      }
    </${JobButtons}>
    ${isReportOpen && html`<iframe class="report" title=${`Report of ${request.name}`} sandbox="allow-scripts" src=${`api/jobs/${job.id}/report`}></iframe>`}
    ${!isOpen(job) && state === 'done' && !kept && html`<p class="hint">Keep it to paint with it.</p>`}
  </article>`;
}

/** The loss as a line, on a logarithmic scale. @param {{ losses: readonly number[], name: string }} props */
function Curve({ losses, name }) {
  if (losses.length < 2) return null;
  const logs = losses.map((loss) => Math.log(Math.max(loss, 1e-9)));
  const [least, most] = [Math.min(...logs), Math.max(...logs)];
  const points = logs.map((value, i) => {
    const y = most === least ? 20 : 38 - (36 * (value - least)) / (most - least);
    return `${((200 * i) / (logs.length - 1)).toFixed(1)},${y.toFixed(1)}`;
  });
  return html`<svg class="curve" viewBox="0 0 200 40" preserveAspectRatio="none" role="img"
    aria-label=${`Loss of ${name}: ${losses.at(-1)?.toPrecision(3)}`}><polyline points=${points.join(' ')} /></svg>`;
}
