/** What browser.test.ts runs in its page, bundled. Takes and answers JSON. */
import { loadStyle, StyleWorker } from '../../../src/web/index.ts';

const own = {
  worker: () => new Worker('/worker.js', { type: 'module' }),
  runtimeFolder: '/runtime/',
};

/** Paints a picture given in every way. @param pixels RGB. */
export async function paintAll(pixels: readonly number[], width: number, height: number) {
  const worker = new StyleWorker(own);
  const image = new ImageData(width, height);
  for (const [i, value] of pixels.entries()) image.data[4 * Math.floor(i / 3) + (i % 3)] = value;
  for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255;
  const clear = new ImageData(new Uint8ClampedArray(image.data), width, height);
  for (let i = 3; i < clear.data.length; i += 4) clear.data[i] = i % 16;
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  const hidden = new OffscreenCanvas(width, height);
  hidden.getContext('2d')!.putImageData(image, 0, 0);

  const load = (name: string, limits = {}) => worker.load(`/styles/${name}.safetensors`, limits);
  const tiny = await load('tiny');
  const bands = await load('tiny', { onePiece: 0, bandBytes: 3000 });
  const shipped = await load('wave-film');
  const shares: number[] = [];
  const numbers = async (promise: Promise<ImageData>) => [...(await promise).data];
  return {
    runtime: await worker.runtime,
    tiny: {
      pixels: await numbers(tiny.paint(image)),
      canvas: await numbers(tiny.paint(canvas)),
      file: await numbers(tiny.paint(await hidden.convertToBlob())),
      frame: await numbers(tiny.paint(new VideoFrame(canvas, { timestamp: 0 }))),
      bitmap: await numbers(tiny.paint(hidden.transferToImageBitmap())),
      bands: await numbers(bands.paint(image, { onProgress: (share) => shares.push(share) })),
    },
    clear: await numbers(tiny.paint(clear)),
    givenIsWhole: clear.data.length === 4 * width * height,
    shares,
    shipped: await numbers(shipped.paint(image)),
    author: shipped.credits.author,
  };
}

/** What each mistake ends with. */
export async function mistakes() {
  const wasm = { ...own, backend: 'wasm' } as const;
  const reason = (promise: Promise<unknown>) =>
    promise.then(
      () => 'nothing',
      (error: Error) => `${error.name}: ${error.message}`,
    );
  const style = await loadStyle('/styles/tiny.safetensors', wasm);
  const image = new ImageData(400, 300);
  const giving = new AbortController();
  const first = style.paint(image, { signal: giving.signal });
  const second = style.paint(new ImageData(20, 20));
  giving.abort();
  const worker = new StyleWorker(wasm);
  const lost = new StyleWorker({ ...wasm, worker: () => new Worker('/no-worker.js', { type: 'module' }) });
  return {
    aborted: await reason(first),
    widthAfter: String((await second).width),
    small: await reason(style.paint(new ImageData(8, 40))),
    amount: await reason(style.paint(image, { amount: 3 })),
    text: await reason(style.paint(new Blob(['no picture']))),
    missing: await reason(worker.load('/styles/none.safetensors')),
    page: await reason(worker.load('/index.html')),
    several: await reason(worker.load('/styles/pair.safetensors')),
    one: (await worker.load('/styles/pair.safetensors', { style: 'b' })).credits.name,
    gpu: await reason(new StyleWorker({ ...own, backend: 'webgpu' }).runtime),
    lost: await reason(lost.load('/styles/tiny.safetensors')),
    disposed: await style.dispose().then(() => reason(style.paint(image))),
  };
}

/** Paints on the graphics card, if there is one, and in WebAssembly. @param names of styles. */
export async function onGraphicsCard(names: readonly string[], pixels: readonly number[], width: number) {
  const worker = new StyleWorker(own);
  const { backend } = await worker.runtime;
  const data = Uint8ClampedArray.from(pixels.flatMap((value, i) => (i % 3 === 2 ? [value, 255] : [value])));
  const styles = [];
  for (const name of names) {
    const style = await worker.load(`/styles/${name}.safetensors`);
    const painted = [...(await style.paint(new ImageData(data, width))).data];
    styles.push({ backend: style.backend, reason: style.reason, painted });
  }
  return { backend, styles };
}
