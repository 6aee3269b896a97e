/** Photos and films: what they look like in all styles, in one, and on disk. */
import { useEffect, useState } from 'preact/hooks';
import { Compare } from './compare.js';
import { Check, Choice, FileButton, Slider } from './controls.js';
import { FILMS, PICTURES, takeIn } from './drop.js';
import { takeFrame } from './film-frame.js';
import { Gallery } from './gallery.js';
import { html } from './html.js';
import { JobButtons, JobProgressBar, Results } from './job-card.js';
import { FileFields, FilmFields, LookSliders, Mixture } from './look-panel.js';
import { MaskCanvas } from './mask.js';
import { usePicture } from './pictures.js';
import { ask, paintedUrl, pictureUrl } from './server.js';
import { attempt, choose, say } from './store.js';

/** @typedef {import('./store.js').State} State */
/** @typedef {import('./store.js').Item} Item */
/** @typedef {{ parts: readonly import('./server.js').Part[], look: import('./server.js').Look, isMixing: boolean }} Chosen */

const LOOK = /** @type {const} */ ({ amount: 1, stroke: 1, colors: 'style' });

/** @param {{ state: State }} props */
export function PaintView({ state }) {
  const { items, choices } = state;
  const shown = items.filter(({ kind }) => kind === 'photo' || kind === 'film');
  const item = shown.find(({ id }) => id === choices.chosen) ?? shown.at(-1);
  return html`<div class="view paint-view">
    <h1 class="unseen" tabindex="-1">Paint</h1>
    ${
      item === undefined
        ? html`<${Welcome} state=${state} />`
        : html`<${Strip} items=${shown} all=${items} chosen=${item} />
      <${Easel} key=${item.id} state=${state} item=${item} />`
    }
  </div>`;
}

/** @param {{ state: State }} props */
function Welcome({ state: { hasSample, isLoaded } }) {
  if (!isLoaded) return null;
  return html`<div class="welcome">
    <p class="welcome-title">Drop photos or films here</p>
    <p>They stay on this computer. So does everything made of them.</p>
    <div class="row">
      <${FileButton} label="Choose files" accept=${`${PICTURES},${FILMS}`} isMain=${true}
        onFiles=${(/** @type {File[]} */ files) => void takeIn(files, 'paint')} />
      ${
        hasSample &&
        html`<button type="button" class="button"
        onClick=${() => void attempt(() => ask('POST', 'sample'))}>Try the sample photo</button>`
      }
    </div>
  </div>`;
}

/** @param {{ items: readonly Item[], all: readonly Item[], chosen: Item }} props */
function Strip({ items, all, chosen }) {
  /** @param {Item} item */
  const picture = (item) => {
    const shown = frameOf(item, all);
    return shown && html`<img src=${pictureUrl(shown.id, 320)} alt="" loading="lazy" draggable=${false} />`;
  };
  return html`<div class="strip">
    <ul aria-label="Photos and films">
      ${items.map(
        (item) => html`<li key=${item.id}>
          <button type="button" class="thumb" aria-pressed=${item === chosen} title=${item.name} onClick=${() => choose({ chosen: item.id })}>
            ${picture(item)}
            ${item.kind === 'film' && html`<span class="film-thumb" aria-hidden="true">▶</span>`}
            <span class="unseen">${item.name}</span>
          </button>
        </li>`,
      )}
    </ul>
    <${FileButton} label="Add" accept=${`${PICTURES},${FILMS}`} onFiles=${(/** @type {File[]} */ files) => void takeIn(files, 'paint')} />
  </div>`;
}

/** @param {Item} item @param {readonly Item[]} items */
function frameOf({ id, kind }, items) {
  if (kind === 'photo') return items.find((one) => one.id === id);
  return items.find((one) => one.kind === 'frame' && one.name === `${id}.jpg`);
}

/** @param {{ state: State, item: Item }} props */
function Easel({ state, item }) {
  const { items, styles, choices, jobs } = state;
  const [mask, setMask] = useState({ isOpen: false, size: 0.12, isErasing: true, clears: 0 });
  const first = styles.find(({ name }) => name === 'great-wave') ?? styles[0];
  /** @type {Chosen} */
  const chosen = {
    ...{ parts: first === undefined ? [] : [{ style: first.name, weight: 1 }], look: LOOK, isMixing: false },
    ...choices.looks[item.id],
  };
  const { look, isMixing } = chosen;
  const known = new Set(styles.map(({ name }) => name));
  const parts = chosen.parts.filter(({ style }) => known.has(style));
  /** @param {Partial<Chosen>} changes */
  const set = (changes) => choose({ looks: { ...choices.looks, [item.id]: { ...chosen, ...changes } } });
  const frame = frameOf(item, items);
  const isFilm = item.kind === 'film';
  useEffect(() => {
    if (isFilm && frame === undefined) void attempt(() => takeFrame(item.id));
  }, [item.id]);
  const url = frame === undefined || parts.length === 0 ? undefined : paintedUrl(frame.id, 960, parts, look);
  const painted = usePicture(url);
  const made = jobs.filter(({ request }) => request.item === item.id).toReversed();
  /** @param {object} request */
  const order = (request) => attempt(() => ask('POST', 'jobs', { item: item.id, look, ...request }));
  const painting = () => {
    void order(
      isFilm ? { kind: 'film', parts, ...choices.film } : { kind: 'photo', parts, file: choices.file },
    );
    say(isFilm ? 'The film is being painted.' : 'The photo is being painted at full size.');
  };
  const remove = () =>
    void attempt(async () => {
      await ask('DELETE', `items/${item.id}`);
      if (isFilm && frame !== undefined) await ask('DELETE', `items/${frame.id}`);
    });
  return html`<div class="easel">
    <section class="canvas" aria-label="Picture">
      ${
        frame === undefined
          ? html`<div class="no-frame">${isFilm ? html`<video controls preload="metadata" src=${`api/items/${item.id}/file`}></video>` : ''}</div>`
          : html`<${Compare} before=${pictureUrl(frame.id, 960)} after=${painted.source} name=${item.name} width=${frame.width} height=${frame.height}
            isLoading=${painted.isLoading} isMasking=${mask.isOpen}>
            ${
              mask.isOpen &&
              html`<${MaskCanvas} width=${frame.width} height=${frame.height} mask=${look.mask} size=${mask.size}
              isErasing=${mask.isErasing} clears=${mask.clears} onMask=${(/** @type {string} */ id) => set({ look: { ...look, mask: id } })} />`
            }
          </${Compare}>`
      }
      ${painted.error && html`<p class="error" role="alert">${painted.error}</p>`}
      <div class="caption">
        <span><strong>${item.name}</strong>${item.width && html` <span class="hint">${item.width} × ${item.height}</span>`}</span>
        <button type="button" class="button small quiet" onClick=${remove}>Remove</button>
      </div>
      <h2 id="styles">Styles</h2>
      <div class="row between">
        <p class="hint">${isMixing ? 'Choose the styles to mix.' : isFilm ? 'On one picture of the film.' : 'Each on your photo.'}</p>
        <${Check} label="Mix styles" checked=${isMixing}
          onValue=${(/** @type {boolean} */ mixes) => set({ isMixing: mixes, parts: mixes ? parts : parts.slice(0, 1) })} />
      </div>
      <${Gallery} item=${frame?.id} styles=${styles} parts=${parts} isMixing=${isMixing}
        onParts=${(/** @type {Chosen['parts']} */ next) => set({ parts: next })} />
    </section>
    <aside class="panel" aria-label="Settings">
      ${isMixing && html`<section><h2>Mixture</h2><${Mixture} parts=${parts} onParts=${(/** @type {Chosen['parts']} */ next) => set({ parts: next })} /></section>`}
      <section><h2>Look</h2>
        <${LookSliders} look=${look} onLook=${(/** @type {object} */ changes) => set({ look: { ...look, ...changes } })} />
        <${MaskFields} mask=${mask} hasMask=${look.mask !== undefined} isInverted=${look.invertMask === true} isReady=${frame !== undefined}
          onMask=${(/** @type {object} */ changes) => setMask({ ...mask, ...changes })}
          onInvert=${(/** @type {boolean} */ invertMask) => set({ look: { ...look, invertMask } })}
          onClear=${() => {
            const { mask: _, invertMask: __, ...without } = look;
            set({ look: without });
            setMask({ ...mask, clears: mask.clears + 1 });
          }} />
      </section>
      <section><h2>${isFilm ? 'Film' : 'Export'}</h2>
        ${
          isFilm
            ? html`<${FilmFields} film=${choices.film} onFilm=${(/** @type {object} */ changes) => choose({ film: { ...choices.film, ...changes } })} />`
            : html`<${FileFields} file=${choices.file} onFile=${(/** @type {object} */ changes) => choose({ file: { ...choices.file, ...changes } })} />`
        }
        <div class="column">
          <button type="button" class="button main" disabled=${parts.length === 0} onClick=${painting}>${isFilm ? 'Paint the film' : 'Export at full size'}</button>
          ${
            !isFilm &&
            html`<button type="button" class="button"
            onClick=${() => void order({ kind: 'styles', styles: styles.map(({ name }) => name), file: choices.file })}>Export in all styles</button>`
          }
        </div>
        <ul class="made" aria-label="Made of it">
          ${made.slice(0, 6).map(
            (job) => html`<li key=${job.id}>
              ${job.results.length === 0 && html`<span class="hint">${job.title}: ${job.error ?? job.state}</span>`}
              <${JobProgressBar} job=${job} /><${Results} job=${job} />
              ${job.state !== 'done' && html`<${JobButtons} job=${job} />`}
            </li>`,
          )}
        </ul>
      </section>
    </aside>
  </div>`;
}

/**
 * @param {{ mask: { isOpen: boolean, size: number, isErasing: boolean }, hasMask: boolean, isInverted: boolean, isReady: boolean,
 * onMask: (changes: object) => void, onInvert: (is: boolean) => void, onClear: () => void }} props
 */
function MaskFields({ mask, hasMask, isInverted, isReady, onMask, onInvert, onClear }) {
  const { isOpen, size, isErasing } = mask;
  return html`<div class="mask-fields">
    <button type="button" class="button" aria-expanded=${isOpen} disabled=${!isReady} onClick=${() => onMask({ isOpen: !isOpen })}>
      ${isOpen ? 'Done with the mask' : hasMask ? 'Change the mask' : 'Paint a mask'}
    </button>
    ${
      isOpen &&
      html`<${Choice} label="Brush brings back" value=${isErasing ? 'photo' : 'style'}
        choices=${[['photo', 'Photo'], ['style', 'Bring the style back']]}
        onValue=${(/** @type {string} */ value) => onMask({ isErasing: value === 'photo' })} />
      <${Slider} label="Brush size" value=${size} min=${0.02} max=${0.4} step=${0.02} shown=${`${Math.round(100 * size)} %`}
        onValue=${(/** @type {number} */ value) => onMask({ size: value })} />`
    }
    ${
      hasMask &&
      html`<div class="row between">
      <${Check} label="Invert the mask" checked=${isInverted} onValue=${onInvert} />
      <button type="button" class="button small quiet" onClick=${onClear}>Clear</button>
    </div>`
    }
  </div>`;
}
