/** How the style is to look, and how the painted photo is written. */
import { Check, Choice, Select, Slider } from './controls.js';
import { html } from './html.js';

/** @typedef {import('../protocol.ts').StylePart} Part */
/** @typedef {import('../protocol.ts').StudioLook} Look */

/** @param {{ parts: readonly Part[], onParts: (parts: readonly Part[]) => void }} props */
export function Mixture({ parts, onParts }) {
  const sum = parts.reduce((total, { weight }) => total + weight, 0);
  return html`<div class="mixture">
    ${parts.map(
      (
        { style, weight },
        i,
      ) => html`<${Slider} key=${style} label=${style} value=${weight} min=${0.05} max=${1} step=${0.05}
        shown=${`${Math.round((100 * weight) / sum)} %`}
        onValue=${(/** @type {number} */ value) => onParts(parts.with(i, { style, weight: value }))} />`,
    )}
    ${parts.length < 2 && html`<p class="hint">Choose further styles to mix with it.</p>`}
  </div>`;
}

/** @param {{ look: Look, onLook: (changes: Partial<Look>) => void }} props */
export function LookSliders({ look, onLook }) {
  const { amount, stroke, colors } = look;
  return html`<${Slider} label="Amount" value=${amount} min=${0} max=${1} step=${0.05} shown=${`${Math.round(100 * amount)} %`}
      onValue=${(/** @type {number} */ value) => onLook({ amount: value })} />
    <${Slider} label="Stroke" value=${Math.log2(stroke)} min=${-2} max=${2} step=${0.25} shown=${`× ${Number(stroke.toFixed(2))}`}
      onValue=${(/** @type {number} */ value) => onLook({ stroke: 2 ** value })} />
    <${Choice} label="Colours" value=${colors}
      choices=${[['style', 'Style'], ['photo', 'Photo'], ['histogram', 'Palette']]}
      onValue=${(/** @type {Look['colors']} */ value) => onLook({ colors: value })} />`;
}

/** @param {{ file: any, onFile: (changes: object) => void }} props */
export function FileFields({ file, onFile }) {
  const isLossy = ['jpeg', 'webp', 'avif'].includes(file.format);
  return html`<${Select} label="Format" value=${file.format}
      choices=${[['jpeg', 'JPEG'], ['png', 'PNG'], ['tiff', 'TIFF'], ['webp', 'WebP'], ['avif', 'AVIF']]}
      onValue=${(/** @type {string} */ format) => onFile({ format })} />
    ${
      isLossy &&
      html`<${Slider} label="Quality" value=${file.quality ?? 92} min=${50} max=${100} step=${1} shown=${`${file.quality ?? 92}`}
      onValue=${(/** @type {number} */ quality) => onFile({ quality })} />`
    }
    <${Check} label="Keep metadata (camera, place, time)" checked=${!file.strip}
      onValue=${(/** @type {boolean} */ keep) => onFile({ strip: !keep })} />`;
}

/** @param {{ film: any, onFilm: (changes: object) => void }} props */
export function FilmFields({ film, onFilm }) {
  return html`<${Choice} label="Against flicker" value=${film.steady}
      choices=${[['off', 'Off'], ['light', 'Light'], ['strong', 'Strong']]}
      onValue=${(/** @type {string} */ steady) => onFilm({ steady })} />
    <${Select} label="Format" value=${film.extension}
      choices=${[['mp4', 'MP4'], ['webm', 'WebM'], ['gif', 'GIF']]}
      onValue=${(/** @type {string} */ extension) => onFilm({ extension })} />`;
}
