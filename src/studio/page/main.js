/** The page as a whole: its parts, where one is, and files that are dropped anywhere on it. */
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { takeIn } from './drop.js';
import { html } from './html.js';
import { isOpen, JobsView } from './job-card.js';
import { PaintView } from './paint-view.js';
import { choose, connect, dismiss, useStudio } from './store.js';
import { TrainView } from './train-view.js';

const VIEWS = /** @type {const} */ ([
  ['paint', 'Paint'],
  ['train', 'Train'],
  ['jobs', 'Queue'],
]);
/** Milliseconds for which a message is shown; an error stays until it is dismissed. */
const MESSAGE_MS = 6000;

/** Whether files are held over the page. @param {(files: File[]) => void} onFiles */
function useDrop(onFiles) {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    /** @param {DragEvent} event */
    const over = (event) => {
      if (!event.dataTransfer?.types.includes('Files')) return;
      event.preventDefault();
      setOver(true);
    };
    /** @param {DragEvent} event */
    const leave = (event) => {
      if (event.relatedTarget === null) setOver(false);
    };
    /** @param {DragEvent} event */
    const drop = (event) => {
      event.preventDefault();
      setOver(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 0) onFiles(files);
    };
    addEventListener('dragover', over);
    addEventListener('dragleave', leave);
    addEventListener('drop', drop);
    return () => {
      removeEventListener('dragover', over);
      removeEventListener('dragleave', leave);
      removeEventListener('drop', drop);
    };
  }, [onFiles]);
  return isOver;
}

function Studio() {
  const state = useStudio();
  const { choices, jobs, message, isConnected, uploads } = state;
  const { view } = choices;
  const use = view === 'train' ? 'train' : 'paint';
  const isOver = useDrop((files) => {
    if (view === 'jobs') choose({ view: 'paint' });
    void takeIn(files, use);
  });
  useEffect(connect, []);
  useEffect(() => {
    if (message === undefined || message.isError) return undefined;
    const timer = setTimeout(dismiss, MESSAGE_MS);
    return () => clearTimeout(timer);
  }, [message]);
  /** @param {string} next */
  const go = (next) => {
    choose({ view: next });
    // What a screen reader reads next is the new part.
    requestAnimationFrame(() => document.querySelector('h1')?.focus({ preventScroll: true }));
    scrollTo(0, 0);
  };
  const open = jobs.filter((job) => isOpen(job) && job.state !== 'paused').length;
  return html`<a class="skip" href="#main">Skip to the content</a>
    <header class="bar">
      <span class="brand"><img src="icon.svg" alt="" width="28" height="28" />fast-style studio</span>
      <nav aria-label="Parts">
        ${VIEWS.map(
          ([
            name,
            text,
          ]) => html`<button key=${name} type="button" aria-current=${view === name ? 'page' : undefined} onClick=${() => go(name)}>
            ${text}${name === 'jobs' && open > 0 && html`<span class="count" aria-label=${`${open} under way`}>${open}</span>`}
          </button>`,
        )}
      </nav>
    </header>
    ${!isConnected && html`<p class="banner" role="alert">The studio has ended. Start <code>fast-style studio</code> again and open its new address: everything is saved.</p>`}
    <main id="main">
      ${view === 'train' ? html`<${TrainView} state=${state} />` : view === 'jobs' ? html`<${JobsView} jobs=${jobs} />` : html`<${PaintView} state=${state} />`}
    </main>
    <div class="messages" role="status" aria-live="polite">
      ${uploads > 0 && html`<p class="message">Taking in ${uploads === 1 ? 'a file' : `${uploads} files`} …</p>`}
      ${
        message &&
        html`<p class=${`message ${message.isError ? 'bad' : ''}`}>${message.text}
        <button type="button" class="button small quiet" onClick=${dismiss}>Dismiss</button></p>`
      }
    </div>
    ${isOver && html`<div class="drop-here" aria-hidden="true">${use === 'train' ? 'Drop a painting' : 'Drop photos or films'}</div>`}`;
}

const root = document.getElementById('studio');
if (root !== null) render(html`<${Studio} />`, root);
