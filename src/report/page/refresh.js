import { remember, remembered } from './memory.js';

/**
 * Loads the page anew while the run goes on, where that takes nothing from the reader: not while something is played or
 * read with the pointer, nor in a tab that is not seen. What had the focus gets it again.
 *
 * @param {{ isRunning: boolean, refreshSeconds: number, staleSeconds: number, updated: string }} run
 */
export function keepFresh({ isRunning, refreshSeconds, staleSeconds, updated }) {
  const focused = remembered('focus');
  if (focused !== null) document.getElementById(focused)?.focus({ preventScroll: true });
  remember('focus', undefined);
  if (!isRunning) return;
  const age = document.getElementById('age');
  const tell = () => {
    const seconds = (Date.now() - Date.parse(updated)) / 1000;
    const minutes = Math.round(seconds / 60);
    if (age === null || seconds < staleSeconds) return;
    age.hidden = false;
    age.textContent = `Nothing new for ${minutes < 120 ? `${minutes} minutes` : `${Math.round(minutes / 60)} hours`}: the run may have been ended from outside.`;
  };
  tell();
  setInterval(() => {
    tell();
    const isRead = document.querySelector('.plot:hover, .plot:focus, #slider:active') !== null;
    if (document.hidden || isRead || document.body.classList.contains('busy')) return;
    const id = document.activeElement?.id;
    if (id) remember('focus', id);
    location.reload();
  }, refreshSeconds * 1000);
}
