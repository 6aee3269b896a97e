/** What the page's forms are made of. */
import { html } from './html.js';

/**
 * @param {{ label: string, value: number, min: number, max: number, step: number, shown: string, hint?: string,
 * onValue: (value: number) => void }} props
 */
export function Slider({ label, value, min, max, step, shown, hint, onValue }) {
  return html`<label class="field">
    <span class="field-name">${label}<span class="value" aria-hidden="true">${shown}</span></span>
    <input type="range" min=${min} max=${max} step=${step} value=${value} aria-valuetext=${shown}
      onInput=${(/** @type {any} */ event) => onValue(Number(event.target.value))} />
    ${hint && html`<span class="hint">${hint}</span>`}
  </label>`;
}

/**
 * @param {{ label: string, value: string, choices: readonly (readonly [string, string])[], onValue: (value: any) => void }} props
 */
export function Choice({ label, value, choices, onValue }) {
  return html`<fieldset class="segments">
    <legend>${label}</legend>
    ${choices.map(
      ([choice, text]) => html`<label key=${choice} class=${choice === value ? 'chosen' : ''}>
        <input type="radio" name=${label} value=${choice} checked=${choice === value} onChange=${() => onValue(choice)} />${text}
      </label>`,
    )}
  </fieldset>`;
}

/** @param {{ label: string, value: string, choices: readonly (readonly [string, string])[], onValue: (value: any) => void }} props */
export function Select({ label, value, choices, onValue }) {
  return html`<label class="field">
    <span class="field-name">${label}</span>
    <select onChange=${(/** @type {any} */ event) => onValue(event.target.value)}>
      ${choices.map(([choice, text]) => html`<option key=${choice} value=${choice} selected=${choice === value}>${text}</option>`)}
    </select>
  </label>`;
}

/** @param {{ label: string, checked: boolean, onValue: (checked: boolean) => void }} props */
export function Check({ label, checked, onValue }) {
  return html`<label class="check">
    <input type="checkbox" checked=${checked} onChange=${(/** @type {any} */ event) => onValue(event.target.checked)} />${label}
  </label>`;
}

/**
 * Files by a button; dropping them works everywhere on the page.
 *
 * @param {{ label: string, accept: string, isMain?: boolean, onFiles: (files: readonly File[]) => void }} props
 */
export function FileButton({ label, accept, isMain = false, onFiles }) {
  return html`<label class=${`button ${isMain ? 'main' : ''}`}>
    <input type="file" class="unseen" multiple accept=${accept}
      onChange=${(/** @type {any} */ event) => {
        onFiles([...event.target.files]);
        event.target.value = '';
      }} />${label}
  </label>`;
}
