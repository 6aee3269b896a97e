import { remember, remembered } from './memory.js';
import { stepText } from './numbers.js';

const PLAY_MS = 500;

/**
 * The previews: one slider for all photos, and a button that plays them.
 *
 * @param {{ frames: { step: number, picture: string }[] }[]} photos
 */
export function showPhotos(photos) {
  const steps = [...new Set(photos.flatMap(({ frames }) => frames.map(({ step }) => step)))].sort(
    (a, b) => a - b,
  );
  const slider = /** @type {HTMLInputElement | null} */ (document.getElementById('slider'));
  const play = document.getElementById('play');
  const output = document.getElementById('slider-step');
  if (slider === null || play === null || output === null || steps.length === 0) return;
  slider.max = String(steps.length - 1);
  const wanted = Number(remembered('step') ?? Number.NaN);
  const found = steps.findLastIndex((step) => step <= wanted);
  // Without a choice the newest is shown, and the next page's newest as well.
  slider.value = String(found >= 0 ? found : steps.length - 1);
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let playing;

  const show = () => {
    const step = steps[Number(slider.value)] ?? 0;
    output.textContent = `step ${stepText(step)}`;
    slider.setAttribute('aria-valuetext', `step ${step}`);
    photos.forEach(({ frames }, i) => {
      const image = /** @type {HTMLImageElement} */ (document.getElementById(`painted-${i}`));
      const frame = frames.findLast((each) => each.step <= step) ?? frames[0];
      image.src = `data:image/webp;base64,${frame?.picture ?? ''}`;
      image.alt = `painted after step ${frame?.step ?? 0}`;
    });
  };
  const choose = () => {
    const isNewest = Number(slider.value) === steps.length - 1;
    remember('step', isNewest ? undefined : String(steps[Number(slider.value)]));
  };
  const stop = () => {
    clearInterval(playing);
    playing = undefined;
    play.textContent = 'Play';
    document.body.classList.remove('busy');
    choose();
  };
  slider.addEventListener('input', show);
  slider.addEventListener('change', choose);
  play.addEventListener('click', () => {
    if (playing !== undefined) return stop();
    if (Number(slider.value) === steps.length - 1) slider.value = '0';
    show();
    play.textContent = 'Pause';
    document.body.classList.add('busy');
    playing = setInterval(() => {
      slider.value = String(Number(slider.value) + 1);
      show();
      if (Number(slider.value) === steps.length - 1) stop();
    }, PLAY_MS);
  });
  show();
}
