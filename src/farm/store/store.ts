/** Where jobs' files are. Keys are '/'-separated, relative to the root. */
export interface Store {
  /** file:///…, s3://bucket/prefix */
  readonly url: string;
  /** To a local file, checksum verified. */
  fetch(key: string, path: string, signal?: AbortSignal): Promise<void>;
  /** Whole or not at all; replaces. */
  put(path: string, key: string, signal?: AbortSignal): Promise<void>;
  exists(key: string): Promise<boolean>;
  remove(key: string): Promise<void>;
  list(prefix: string): AsyncIterable<{ key: string; bytes: number }>;
  close(): void;
}
