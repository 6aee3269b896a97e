/** Before and after on top of each other, with a line that one moves. */
import { useRef, useState } from 'preact/hooks';
import { html } from './html.js';

/**
 * @param {{ before: string, after: string | undefined, name: string, width: number, height: number, isLoading: boolean,
 * isMasking: boolean, children?: any }} props
 */
export function Compare({ before, after, name, width, height, isLoading, isMasking, children }) {
  const [at, move] = useState(50);
  const frame = useRef(/** @type {HTMLDivElement | null} */ (null));
  /** @param {PointerEvent} event */
  const follow = (event) => {
    const box = frame.current?.getBoundingClientRect();
    if (box === undefined || isMasking || (event.type === 'pointermove' && event.buttons === 0)) return;
    move(Math.max(0, Math.min(100, (100 * (event.clientX - box.left)) / box.width)));
    if (event.type === 'pointerdown') frame.current?.setPointerCapture(event.pointerId);
  };
  const isSplit = after !== undefined && !isMasking;
  return html`<div class="compare" aria-busy=${isLoading}
      style=${{ '--at': `${isSplit ? at : 0}%`, '--ratio': `${width} / ${height}`, '--wide': `${width / height}` }}>
    <div class="compare-frame" ref=${frame} onPointerDown=${follow} onPointerMove=${follow}>
      <img class="after" src=${after ?? before} alt=${after === undefined ? name : `${name}, painted`} draggable=${false} />
      ${
        isSplit &&
        html`<img class="before" src=${before} alt=${`${name}, the photo`} draggable=${false} />
        <span class="divider" aria-hidden="true"></span>
        <span class="tag left" aria-hidden="true">Before</span>
        <span class="tag right" aria-hidden="true">After</span>`
      }
      ${children}
      ${isLoading && html`<span class="painting-now"><span class="spinner" aria-hidden="true"></span>Painting …</span>`}
    </div>
    ${
      isSplit &&
      html`<input type="range" class="compare-slider" min="0" max="100" step="1" value=${Math.round(at)}
      aria-label="How much of the photo to show against the painting"
      onInput=${(/** @type {any} */ event) => move(Number(event.target.value))} />`
    }
  </div>`;
}
