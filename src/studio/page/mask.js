/** A mask painted with a brush: white takes the style, black stays the photo. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.js';
import { ask, upload } from './server.js';
import { attempt } from './store.js';

/** Longer side of a mask, px: it is stretched over the photo. */
const SIDE = 960;
/** Share of the mask's width that an arrow key moves the brush by. */
const KEY_STEP = 0.02;

/** @typedef {{ x: number, y: number }} Point */

/**
 * @param {{ width: number, height: number, mask: string | undefined, size: number, isErasing: boolean,
 * onMask: (id: string | undefined) => void, clears: number }} props `clears` counts how often all was taken back
 */
export function MaskCanvas({ width, height, mask, size, isErasing, onMask, clears }) {
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const last = useRef(/** @type {Point | undefined} */ (undefined));
  const drawn = useRef(mask);
  const [cursor, moveCursor] = useState({ x: 0.5, y: 0.5 });
  const scale = SIDE / Math.max(width, height);
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    context.globalCompositeOperation = 'source-over';
    context.fillStyle = '#fff';
    context.fillRect(0, 0, wide, high);
    if (mask === undefined) return;
    const stored = new Image();
    stored.onload = () => context.drawImage(stored, 0, 0, wide, high);
    stored.src = `api/items/${mask}/file`;
    drawn.current = mask;
    // Only when another photo is shown or all is taken back: what is painted here is newer than what is stored.
  }, [wide, high, clears]);

  /** @param {Point} to in shares of the sides */
  const stroke = (to) => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const [from, end] = [last.current ?? to, to];
    context.strokeStyle = isErasing ? '#000' : '#fff';
    context.lineWidth = size * wide;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.shadowColor = context.strokeStyle;
    context.shadowBlur = context.lineWidth / 4;
    context.beginPath();
    context.moveTo(from.x * wide, from.y * high);
    context.lineTo(end.x * wide + 0.01, end.y * high);
    context.stroke();
    last.current = to;
  };
  const store = () => {
    last.current = undefined;
    canvas.current?.toBlob((blob) => {
      if (blob === null) return;
      void attempt(async () => {
        const before = drawn.current;
        const { id } = await upload('mask', 'mask.png', blob);
        drawn.current = id;
        onMask(id);
        // One that a job still needs stays.
        if (before !== undefined) await ask('DELETE', `items/${before}`).catch(() => undefined);
      });
    }, 'image/png');
  };
  /** @param {any} event @returns {Point} */
  const pointOf = (event) => {
    const box = event.currentTarget.getBoundingClientRect();
    return { x: (event.clientX - box.left) / box.width, y: (event.clientY - box.top) / box.height };
  };
  /** @param {any} event */
  const press = (event) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    stroke(pointOf(event));
  };
  /** @param {any} event */
  const drag = (event) => {
    moveCursor(pointOf(event));
    if (event.buttons !== 0 && last.current !== undefined) stroke(pointOf(event));
  };
  /** @param {KeyboardEvent} event */
  const key = (event) => {
    const moves = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const move = moves[/** @type {keyof typeof moves} */ (event.key)];
    if (move === undefined && event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    if (move === undefined) {
      stroke(cursor);
      return store();
    }
    /** @param {number} value */
    const within = (value) => Math.max(0, Math.min(1, value));
    const [x = 0, y = 0] = move;
    moveCursor({ x: within(cursor.x + x * KEY_STEP), y: within(cursor.y + y * KEY_STEP) });
  };
  return html`<canvas class="mask" ref=${canvas} width=${wide} height=${high} tabindex="0" role="application"
      aria-label="Mask. Paint with the pointer, or move the brush with the arrow keys and paint with the space bar."
      onPointerDown=${press} onPointerMove=${drag} onPointerUp=${store} onKeyDown=${key}></canvas>
    <span class="brush" aria-hidden="true"
      style=${{ left: `${100 * cursor.x}%`, top: `${100 * cursor.y}%`, width: `${100 * size}%` }}></span>`;
}
