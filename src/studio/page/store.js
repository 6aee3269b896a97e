/** What the page knows: the server's state as it changes, and what is chosen here, which the server keeps. */
import { useEffect, useState } from 'preact/hooks';
import { ask } from './server.js';

/** @typedef {import('../protocol.ts').StudioItem} Item */
/** @typedef {import('../protocol.ts').StudioJob} Job */
/** @typedef {import('../protocol.ts').StudioStyle} Style */
/** @typedef {import('../protocol.ts').StudioNews} News */
/** @typedef {{ view: string, chosen?: string, painting?: string, looks: Record<string, any>, file: any, film: any }} Choices */
/** @typedef {{ text: string, isError: boolean }} Message */
/**
 * @typedef {object} State
 * @property {readonly Item[]} items
 * @property {readonly Style[]} styles
 * @property {readonly Job[]} jobs
 * @property {Choices} choices
 * @property {boolean} hasSample
 * @property {boolean} isLoaded
 * @property {boolean} isConnected
 * @property {number} uploads files on their way
 * @property {Message | undefined} message
 * @property {Readonly<Record<string, readonly number[]>>} losses of trainings, as they were heard
 */

/** @type {Choices} */
const FIRST = {
  view: 'paint',
  looks: {},
  file: { format: 'jpeg', quality: 92, strip: false },
  film: { steady: 'strong', extension: 'mp4' },
};
/** Values of a curve that are kept. */
const MOST_LOSSES = 200;
/** Milliseconds after the last change in which choices are stored. */
const STORE_MS = 400;

/** @type {State} */
let state = {
  ...{ items: [], styles: [], jobs: [], losses: {}, choices: FIRST, hasSample: false },
  ...{ isLoaded: false, isConnected: true, uploads: 0, message: undefined },
};
/** @type {Set<(state: State) => void>} */
const listeners = new Set();

/** @param {Partial<State>} changes */
function change(changes) {
  state = { ...state, ...changes };
  for (const listen of listeners) listen(state);
}

/** @returns {State} */
export function useStudio() {
  const [shown, show] = useState(state);
  useEffect(() => {
    listeners.add(show);
    show(state);
    return () => void listeners.delete(show);
  }, []);
  return shown;
}

/** @param {string} text @param {boolean} [isError] */
export function say(text, isError = false) {
  change({ message: { text, isError } });
}

export function dismiss() {
  change({ message: undefined });
}

/** @param {number} more */
export function countUploads(more) {
  change({ uploads: state.uploads + more });
}

/** Does something and says what goes wrong. @param {() => Promise<unknown>} work */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    say(error instanceof Error ? error.message : String(error), true);
    return undefined;
  }
}

let storing = 0;

/** @param {Partial<Choices>} changes */
export function choose(changes) {
  change({ choices: { ...state.choices, ...changes } });
  clearTimeout(storing);
  storing = setTimeout(() => void attempt(() => ask('PUT', 'choices', state.choices)), STORE_MS);
}

/** @template {{ id: string }} T @param {readonly T[]} list @param {T} one @returns {readonly T[]} */
function withOne(list, one) {
  const at = list.findIndex(({ id }) => id === one.id);
  return at < 0 ? [...list, one] : list.with(at, one);
}

/** @param {News} news */
function hear(news) {
  if (news.event === 'item') change({ items: withOne(state.items, news.item) });
  else if (news.event === 'item-removed') change({ items: state.items.filter(({ id }) => id !== news.id) });
  else if (news.event === 'job') hearJob(news.job);
  else if (news.event === 'job-removed') change({ jobs: state.jobs.filter(({ id }) => id !== news.id) });
  else if (news.event === 'styles') change({ styles: news.styles });
}

/** @param {Job} job */
function hearJob(job) {
  const before = state.jobs.find(({ id }) => id === job.id)?.state;
  const { loss } = job.progress ?? {};
  const losses =
    loss === undefined || job.state !== 'running'
      ? state.losses
      : { ...state.losses, [job.id]: [...(state.losses[job.id] ?? []), loss].slice(-MOST_LOSSES) };
  change({ jobs: withOne(state.jobs, job), losses });
  if (before === job.state) return;
  if (job.state === 'done') say(`Done: ${job.title}`);
  if (job.state === 'failed') say(`${job.title}: ${job.error}`, true);
}

async function load() {
  const { items, styles, jobs, choices, hasSample } = await ask('GET', 'state');
  change({
    ...{ items, styles, jobs, hasSample, isLoaded: true },
    choices: state.isLoaded ? state.choices : { ...FIRST, ...choices },
  });
}

/** Listens to the server, and reads everything anew after it was away. */
export function connect() {
  const events = new EventSource('api/events');
  events.onmessage = ({ data }) => {
    const news = JSON.parse(data);
    if (news.event === 'hello') {
      change({ isConnected: true });
      void attempt(load);
    } else hear(news);
  };
  events.onerror = () => change({ isConnected: false });
}
