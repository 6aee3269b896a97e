/** The gallery: a photo, all styles on it, and one of them large. */
import { type Backend, StyleWorker } from '../../../src/web/index.ts';
import { Camera } from './camera.ts';
import { element, make } from './elements.ts';
import { close, type OpenPhoto, openPhoto } from './photo.ts';
import { isWaiting, showMoment, showPainting, showPhoto, showWork } from './stage.ts';
import { type Card, type ListedStyle, makeCards, thumbnailOf } from './styles.ts';

const SAMPLES = [
  { file: 'harbour.jpg', name: 'Harbour' },
  { file: 'valley.jpg', name: 'Valley' },
];
/** Milliseconds without a change after which a slider is taken at its word. */
const SETTLED = 150;
/** Frames over which the camera's rate is measured. */
const RATE_OVER = 8;

const status = element('status', HTMLParagraphElement);
const error = element('error', HTMLParagraphElement);
const amount = element('amount', HTMLInputElement);
const stroke = element('stroke', HTMLInputElement);
const download = element('download', HTMLButtonElement);
const snap = element('snap', HTMLButtonElement);
const cameraButton = element('camera', HTMLButtonElement);
const fileInput = element('file', HTMLInputElement);

const worker = new StyleWorker({
  worker: () => new Worker('worker.js', { type: 'module', name: 'fast-style' }),
  runtimeFolder: 'runtime/',
});
let photo: OpenPhoto | undefined;
let chosen: Card | undefined;
let cards: readonly Card[] = [];
let camera: Camera | undefined;
let large = new AbortController();
let small = new AbortController();
/** Photos taken so far, and what WebAssembly has of the processor. */
let [taken, threads] = [0, 1];

const settings = () => ({ amount: amount.valueAsNumber / 100, stroke: strokeSize() });
/** 2^(−1) to 2^1; 0.7 at first. */
const strokeSize = () => 2 ** (stroke.valueAsNumber / 4);

function say(text: string): void {
  status.textContent = text;
}

function complain(problem: unknown): void {
  error.textContent = problem === undefined ? '' : messageOf(problem);
  error.hidden = problem === undefined;
}

function messageOf(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem);
}

const isAbort = (problem: unknown) => problem instanceof DOMException && problem.name === 'AbortError';

/** Paints the photo in the chosen style, and then those cards that have no picture of it yet. */
async function paint(): Promise<void> {
  large.abort();
  if (photo === undefined || chosen === undefined || camera !== undefined) return;
  large = new AbortController();
  const { signal } = large;
  const [card, { shown, small: draftSize }] = [chosen, photo];
  showWork(true);
  say(`Painting ${card.listed.title}…`);
  try {
    const style = await card.load();
    // A draft, which takes a tenth of the time, until the painting is there.
    if (isWaiting()) {
      const draft = await style.paint(draftSize, { amount: settings().amount, signal });
      if (amount.valueAsNumber === 100) card.preview(draft);
      showPainting(draft);
    }
    const before = performance.now();
    const onProgress = (share: number) => showWork(true, share);
    const painted = await style.paint(shown, { ...settings(), signal, onProgress });
    showPainting(painted);
    complain(undefined);
    showRuntime(style.backend);
    say(`${painted.width} × ${painted.height} px in ${((performance.now() - before) / 1000).toFixed(1)} s`);
    download.disabled = false;
    showWork(false);
  } catch (problem) {
    if (isAbort(problem)) return;
    showWork(false);
    say('');
    complain(problem);
  }
}

async function paintCards(): Promise<void> {
  small.abort();
  small = new AbortController();
  const { signal } = small;
  for (const card of cards) {
    if (photo === undefined || camera !== undefined || signal.aborted) return;
    const { small: picture } = photo;
    try {
      const style = await card.load();
      if (!card.isPainted) card.preview(await style.paint(picture, { signal }));
    } catch (problem) {
      if (isAbort(problem)) return;
      complain(problem);
    }
  }
  document.body.dataset.cards = 'painted';
}

async function takePhoto(original: Blob | ImageBitmap, name: string): Promise<void> {
  const own = ++taken;
  let opened: OpenPhoto;
  try {
    opened = await openPhoto(original, name);
  } catch {
    complain(
      `Expected a photo that this browser can read but received ${name}; save it as JPEG or PNG first.`,
    );
    return;
  }
  // Another has been taken since.
  if (own !== taken) {
    close(opened);
    return;
  }
  complain(undefined);
  stopCamera();
  large.abort();
  small.abort();
  const last = photo;
  photo = opened;
  if (last !== undefined) close(last);
  for (const button of document.querySelectorAll('.sample'))
    button.setAttribute('aria-pressed', String(button.getAttribute('aria-label') === name));
  delete document.body.dataset.cards;
  for (const card of cards) card.preview(undefined);
  download.disabled = true;
  showPhoto(photo.shown);
  await paint();
  await paintCards();
}

function choose(card: Card): void {
  chosen = card;
  card.input.checked = true;
  const { title, author, licence } = card.listed;
  element('style-title', HTMLElement).textContent = title;
  element('style-author', HTMLSpanElement).textContent = [author, licence].filter(Boolean).join(' · ');
  const painting = element('painting', HTMLImageElement);
  painting.src = thumbnailOf(card.listed);
  painting.hidden = card.listed.thumbnail === undefined;
  void paint();
}

function showSettings(): void {
  element('amount-shown', HTMLOutputElement).value = `${amount.value} %`;
  const size = strokeSize().toFixed(1);
  element('stroke-shown', HTMLOutputElement).value = `× ${size}`;
  amount.setAttribute('aria-valuetext', `${amount.value} % style`);
  stroke.setAttribute('aria-valuetext', `${size} times as broad`);
}

function showRuntime(backend: Backend): void {
  element('runtime', HTMLParagraphElement).textContent =
    backend === 'webgpu'
      ? 'Runs on your graphics card (WebGPU).'
      : `Runs in WebAssembly, ${threads === 1 ? 'one thread' : `${threads} threads`}.`;
}

let settling = 0;
for (const slider of [amount, stroke])
  slider.addEventListener('input', () => {
    showSettings();
    clearTimeout(settling);
    settling = setTimeout(() => void paint(), SETTLED);
  });

download.addEventListener('click', async () => {
  if (photo === undefined || chosen === undefined) return;
  download.disabled = true;
  showWork(true);
  say('Painting it in full size…');
  try {
    const style = await chosen.load();
    const onProgress = (share: number) => showWork(true, share);
    const painted = await style.paint(photo.original, { ...settings(), large: 'reduce', onProgress });
    const canvas = new OffscreenCanvas(painted.width, painted.height);
    canvas.getContext('2d')!.putImageData(painted, 0, 0);
    const blob = await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.92 });
    const href = URL.createObjectURL(blob);
    make('a', { href, download: `${photo.name.replace(/\.\w+$/, '')}-${chosen.listed.name}.jpg` }).click();
    setTimeout(() => URL.revokeObjectURL(href), 60_000);
    say(`Saved, ${painted.width} × ${painted.height} px`);
  } catch (problem) {
    say('');
    complain(problem);
  } finally {
    showWork(false);
    download.disabled = false;
  }
});

function stopCamera(): void {
  camera?.close();
  camera = undefined;
  snap.hidden = true;
  download.hidden = false;
  cameraButton.setAttribute('aria-pressed', 'false');
}

cameraButton.addEventListener('click', async () => {
  if (camera !== undefined) {
    stopCamera();
    if (photo !== undefined) showPhoto(photo.shown);
    await paint();
    await paintCards();
    return;
  }
  try {
    const { backend } = await worker.runtime;
    camera = await Camera.open(backend);
  } catch (problem) {
    complain(`The camera cannot be used: ${messageOf(problem)}`);
    return;
  }
  large.abort();
  small.abort();
  showWork(false);
  complain(undefined);
  snap.hidden = false;
  download.hidden = true;
  cameraButton.setAttribute('aria-pressed', 'true');
  await paintLive(camera);
});

async function paintLive(live: Camera): Promise<void> {
  let [frames, since] = [0, performance.now()];
  while (camera === live) {
    try {
      const before = await live.frame();
      const style = await chosen!.load();
      const after = await style.paint(before, { amount: amount.valueAsNumber / 100 });
      if (camera === live) showMoment(before, after);
      before.close();
    } catch (problem) {
      complain(problem);
      stopCamera();
      return;
    }
    if (++frames % RATE_OVER > 0) continue;
    const now = performance.now();
    say(`${((1000 * RATE_OVER) / (now - since)).toFixed(1)} pictures per second`);
    since = now;
  }
}

snap.addEventListener('click', async () => {
  if (camera !== undefined) await takePhoto(await camera.picture(), 'camera');
});

fileInput.addEventListener('change', async () => {
  const [file] = fileInput.files ?? [];
  if (file !== undefined) await takePhoto(file, file.name);
  fileInput.value = '';
});

const drop = element('drop', HTMLDivElement);
addEventListener('dragover', (event) => {
  event.preventDefault();
  drop.classList.add('over');
});
addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) drop.classList.remove('over');
});
addEventListener('drop', (event) => {
  event.preventDefault();
  drop.classList.remove('over');
  const file = event.dataTransfer?.files[0];
  if (file !== undefined) void takePhoto(file, file.name);
});
addEventListener('paste', (event) => {
  const file = event.clipboardData?.files[0];
  if (file !== undefined) void takePhoto(file, file.name);
});

async function takeSample({ file, name }: (typeof SAMPLES)[number]): Promise<void> {
  const response = await fetch(`samples/${file}`);
  await takePhoto(await response.blob(), name);
}

async function start(): Promise<void> {
  showSettings();
  for (const sample of SAMPLES) {
    const picture = make('img', { src: `samples/${sample.file}`, alt: '' });
    const button = make('button', { type: 'button', className: 'sample' }, picture);
    button.setAttribute('aria-label', sample.name);
    button.setAttribute('aria-pressed', 'false');
    button.addEventListener('click', () => void takeSample(sample));
    element('samples', HTMLDivElement).append(button);
  }
  const listed = (await (await fetch('styles.json')).json()) as readonly ListedStyle[];
  cards = makeCards(listed, worker, choose);
  choose(cards[0]!);
  const sampled = takeSample(SAMPLES[0]!);
  const runtime = await worker.runtime;
  threads = runtime.threads;
  showRuntime(runtime.backend);
  await sampled;
}

start().catch(complain);
