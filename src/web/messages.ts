/** What a page and its worker say to each other. */
import type { ClonedError } from '../system/cloned-error.ts';
import type { StyleCredits } from './style-file.ts';
import type { PainterLimits, PaintSettings } from './style-painter.ts';

/** What runs the networks. */
export type Backend = 'webgpu' | 'wasm';

export interface RuntimeSettings {
  /** `auto` is WebGPU where there is an adapter, else WebAssembly. */
  readonly backend: Backend | 'auto';
  /** Of WebAssembly; as many as the processor has, up to 8, unless given. */
  readonly threads?: number;
  /** Folder of ONNX Runtime's ort-wasm-*.mjs and *.wasm; where the bundler has put them unless given. */
  readonly runtimeFolder?: string;
}

/** RGBA, 8 bit, straight colours. */
export interface RawPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

export type Request =
  | { readonly kind: 'start'; readonly id: number; readonly settings: RuntimeSettings }
  | {
      readonly kind: 'load';
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly name: string;
      readonly style: string | undefined;
      readonly limits: PainterLimits;
    }
  | {
      readonly kind: 'paint';
      readonly id: number;
      readonly style: number;
      readonly picture: RawPicture | ImageBitmap;
      readonly settings: PaintSettings;
    }
  | { readonly kind: 'dispose'; readonly id: number; readonly style: number }
  /** Of the request with this number. */
  | { readonly kind: 'abort'; readonly id: number };

/** The runtime that a worker has opened. */
export interface RuntimeDescription {
  readonly backend: Backend;
  /** Why it is not WebGPU, where it was to be if there is one. */
  readonly reason?: string;
  /** Of WebAssembly. */
  readonly threads: number;
}

export interface LoadedDescription {
  /** The worker's number of the style. */
  readonly style: number;
  readonly credits: StyleCredits;
  readonly smallest: number;
  readonly backend: Backend;
  /** Why it is not the worker's. */
  readonly reason?: string;
}

export type Answer =
  | { readonly kind: 'progress'; readonly id: number; readonly share: number }
  | { readonly kind: 'failed'; readonly id: number; readonly error: ClonedError }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown };
