/** The large picture: photo and painting on top of each other, with a divider between them. */
import { element, show } from './elements.ts';

const frame = element('frame', HTMLDivElement);
const photo = element('photo', HTMLCanvasElement);
const painted = element('painted', HTMLCanvasElement);
const compare = element('compare', HTMLInputElement);
const progress = element('progress', HTMLDivElement);

function divide(): void {
  frame.style.setProperty('--shown', `${compare.value}%`);
  frame.classList.toggle('left-end', compare.valueAsNumber < 15);
  frame.classList.toggle('right-end', compare.valueAsNumber > 80);
  compare.setAttribute('aria-valuetext', `${compare.value} % photo`);
}
compare.addEventListener('input', divide);
divide();

/** A new photo, of which there is no painting yet. */
export function showPhoto(picture: ImageBitmap): void {
  frame.style.setProperty('--ratio', String(picture.width / picture.height));
  frame.classList.add('waiting');
  show(photo, picture);
}

/** Whether there is no painting of the photo yet. */
export const isWaiting = () => frame.classList.contains('waiting');

export function showPainting(picture: ImageData): void {
  show(painted, picture);
  frame.classList.remove('waiting');
}

/** A moment of the camera, before and after. */
export function showMoment(before: ImageBitmap, after: ImageData): void {
  frame.style.setProperty('--ratio', String(before.width / before.height));
  show(photo, before);
  showPainting(after);
}

/** @param share of the work done; undefined for none that is known. */
export function showWork(isWorking: boolean, share?: number): void {
  progress.hidden = !isWorking;
  progress.classList.toggle('measured', share !== undefined);
  if (share !== undefined) progress.style.setProperty('--done', `${100 * share}%`);
}
