/** What a format of exported styles has: a writer of its files, and a program that runs them. */
import type { FileDescription } from './file-description.ts';
import type { ExportedNetwork, StyleGraphOptions } from './style-graph.ts';

/** A file's bytes, or a folder's files by their paths in it. */
export type ExportedFiles = Uint8Array | ReadonlyMap<string, Uint8Array>;

/** Values for an input. */
export interface PortValues {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** An exported file in a program that runs such files. */
export interface ExportRuntime {
  /** @param inputs by name. @returns the values of PAINTED. */
  run(inputs: Readonly<Record<string, PortValues>>): Promise<Float32Array>;
  dispose(): Promise<void>;
}

export interface FormatWriter {
  write(network: ExportedNetwork, options: StyleGraphOptions, description: FileDescription): ExportedFiles;
  /** Opens what was written in the format's own runtime. */
  open(files: ExportedFiles): Promise<ExportRuntime>;
}
