/** Pictures that take a while: fetched one or two at a time, given up when nobody waits for them. */
import { useEffect, useState } from 'preact/hooks';
import { html } from './html.js';
import { fetchPicture } from './server.js';

/** Tiles that are fetched at a time: a browser has six connections, and the large picture needs one at once. */
const MOST_TILES = 2;
/** Milliseconds in which a slider may move on. */
const SETTLE_MS = 150;

let under = 0;
/** @type {(() => void)[]} */
const waiting = [];

/** @param {AbortSignal} signal */
async function turn(signal) {
  if (under >= MOST_TILES)
    await new Promise((/** @type {(value?: unknown) => void} */ go) => waiting.push(go));
  under++;
  return signal.aborted;
}

function next() {
  under--;
  waiting.shift()?.();
}

/**
 * The picture at an address; the one before is shown until it is there.
 *
 * @param {string | undefined} url @param {boolean} [isTile]
 * @returns {{ source: string | undefined, isLoading: boolean, error: string | undefined }}
 */
export function usePicture(url, isTile = false) {
  const [shown, show] = useState(/** @type {{ url?: string, source?: string, error?: string }} */ ({}));
  useEffect(() => {
    if (url === undefined) return undefined;
    const stop = new AbortController();
    const { signal } = stop;
    const get = async () => {
      if (isTile) await turn(signal);
      try {
        signal.throwIfAborted();
        const source = URL.createObjectURL(await fetchPicture(url, signal));
        if (signal.aborted) return URL.revokeObjectURL(source);
        show((before) => {
          if (before.source) URL.revokeObjectURL(before.source);
          return { url, source };
        });
      } catch (error) {
        if (!signal.aborted)
          show((before) => ({
            ...before,
            url,
            error: error instanceof Error ? error.message : String(error),
          }));
      } finally {
        if (isTile) next();
      }
      return undefined;
    };
    const timer = setTimeout(() => void get(), isTile ? 0 : SETTLE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [url, isTile]);
  const isCurrent = shown.url === url;
  return {
    source: url === undefined ? undefined : shown.source,
    isLoading: url !== undefined && !isCurrent,
    error: isCurrent ? shown.error : undefined,
  };
}

/** @param {{ url: string, alt: string }} props */
export function Tile({ url, alt }) {
  const { source, isLoading, error } = usePicture(url, true);
  return html`<span class="tile-picture" aria-busy=${isLoading}>
    ${source && html`<img src=${source} alt=${alt} draggable=${false} />`}
    ${error && html`<span class="tile-error" title=${error}>cannot be painted</span>`}
  </span>`;
}
