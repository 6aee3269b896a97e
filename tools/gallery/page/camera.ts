/** The camera, painted as fast as the machine can. */
import { element } from './elements.ts';

/** Long side of what is painted, px: on a graphics card, and without. */
const SIDES = { webgpu: 640, wasm: 256 };

const video = element('video', HTMLVideoElement);

export class Camera {
  readonly #stream: MediaStream;
  readonly #side: number;

  private constructor(stream: MediaStream, side: number) {
    this.#stream = stream;
    this.#side = side;
  }

  /** @throws what the browser throws where there is none, or it may not be used. */
  static async open(backend: keyof typeof SIDES): Promise<Camera> {
    const stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: 'user', width: { ideal: 1280 } },
    });
    video.srcObject = stream;
    await video.play();
    return new Camera(stream, SIDES[backend]);
  }

  /** What it sees, in the size in which it is painted live. Caller closes. */
  frame(): Promise<ImageBitmap> {
    const { videoWidth: width, videoHeight: height } = video;
    const scale = Math.min(1, this.#side / Math.max(width, height));
    return createImageBitmap(video, {
      resizeWidth: Math.round(width * scale),
      resizeHeight: Math.round(height * scale),
      resizeQuality: 'medium',
    });
  }

  /** What it sees, in full. Caller closes. */
  picture(): Promise<ImageBitmap> {
    return createImageBitmap(video);
  }

  close(): void {
    for (const track of this.#stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}
