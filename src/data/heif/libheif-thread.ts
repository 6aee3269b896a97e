/** A thread that decodes HEIC by libheif: the only importer of libheif-js. A picture of a phone takes it a second. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import factory, { type heif_error, type MainModule } from 'libheif-js/libheif-wasm/libheif.js';

/** What is to be decoded. */
export interface HeifOrder {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly alpha: boolean;
  readonly depth: 8 | 16;
}

/** What has become of it: samples, [height, width, 3 or 4], or why there are none. */
export type HeifAnswer =
  | { readonly width: number; readonly height: number; readonly samples: ArrayBuffer }
  | { readonly fault: string };

const program = readFileSync(createRequire(import.meta.url).resolve('libheif-js/libheif-wasm/libheif.wasm'));
const silent = () => undefined;
// Its types are of a module, which it is not.
const heif = (factory as unknown as (options: object) => MainModule)({
  wasmBinary: program,
  print: silent,
  printErr: silent,
});

parentPort!.on('message', (order: HeifOrder) => {
  const answer = decode(order);
  parentPort!.postMessage(answer, 'samples' in answer ? [answer.samples] : []);
});

function decode({ file, alpha, depth }: HeifOrder): HeifAnswer {
  const context = heif.heif_context_alloc();
  try {
    const read = heif.heif_context_read_from_memory(context, file);
    if (isFault(read)) return { fault: String(read.message) };
    const handle = heif.heif_js_context_get_primary_image_handle(context);
    if (isFault(handle)) return { fault: String(handle.message) };
    try {
      const chroma = depth === 8 ? (alpha ? 'RGBA' : 'RGB') : alpha ? 'RRGGBBAA_LE' : 'RRGGBB_LE';
      const image = heif.heif_js_decode_image2(
        handle,
        heif.heif_colorspace.heif_colorspace_RGB,
        heif.heif_chroma[`heif_chroma_interleaved_${chroma}`],
      );
      if (isFault(image)) return { fault: String(image.message) };
      try {
        const isMultiplied = alpha && heif.heif_image_handle_is_premultiplied_alpha(handle) === 1;
        return samplesOf(image, { channels: alpha ? 4 : 3, depth, isMultiplied });
      } finally {
        heif.heif_image_release(image.image);
      }
    } finally {
      heif.heif_image_handle_release(handle);
    }
  } catch (error) {
    // The program in Wasm has at most 2 GiB; what it throws then is no Error.
    return { fault: error instanceof Error ? error.message : 'it needs more memory than the decoder has' };
  } finally {
    heif.heif_context_free(context);
  }
}

/** Handles and pictures have no code. */
function isFault(result: { readonly code?: heif_error['code'] }): result is heif_error {
  return result.code !== undefined && result.code.value !== 0;
}

interface DecodedImage {
  readonly channels: readonly [
    {
      readonly width: number;
      readonly height: number;
      /** Bytes of a row. */
      readonly stride: number;
      readonly bits_per_pixel: number;
      readonly data: Uint8Array;
    },
  ];
}

interface Form {
  readonly channels: 3 | 4;
  readonly depth: 8 | 16;
  /** Colours by alpha. */
  readonly isMultiplied: boolean;
}

/** Rows without gaps, in all 16 bits where it is not 8. */
function samplesOf({ channels: [plane] }: DecodedImage, { channels, depth, isMultiplied }: Form): HeifAnswer {
  const { width, height, stride, data, bits_per_pixel: bits } = plane;
  const rowBytes = (width * channels * depth) / 8;
  const bytes = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) bytes.set(data.subarray(y * stride, y * stride + rowBytes), y * rowBytes);
  const samples = depth === 8 ? bytes : new Uint16Array(bytes.buffer);
  if (samples instanceof Uint16Array && bits < 16) {
    const factor = 65535 / (2 ** bits - 1);
    for (let i = 0; i < samples.length; i++) samples[i] = Math.round(samples[i]! * factor);
  }
  if (isMultiplied) {
    const white = depth === 8 ? 255 : 65535;
    for (let i = 0; i < samples.length; i += 4) {
      const alpha = samples[i + 3]!;
      for (let c = i; c < i + 3 && alpha > 0; c++)
        samples[c] = Math.min(white, Math.round((samples[c]! * white) / alpha));
    }
  }
  return { width, height, samples: bytes.buffer };
}
