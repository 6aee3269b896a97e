/** A file in a store. */
export interface StoredFile {
  readonly key: string;
  readonly bytes: number;
  /** Changes when the file does: its time of change, or the server's tag. */
  readonly version: string;
}

/** Where jobs' files are. Keys are '/'-separated, relative to the root. */
export interface Store {
  /** file:///…, s3://bucket/prefix */
  readonly url: string;
  /** To a local file, checksum verified; not flushed, as it is there again to fetch. */
  fetch(key: string, path: string, signal?: AbortSignal): Promise<void>;
  /** Whole or not at all; replaces. */
  put(path: string, key: string, signal?: AbortSignal): Promise<void>;
  /**
   * The path by which this machine's programs read a file where it is, and write it, atomically; undefined where files have to be fetched
   * and put. The file may be missing.
   */
  path(key: string): Promise<string | undefined>;
  exists(key: string): Promise<boolean>;
  /** One file, without looking at others; undefined where it is not there. */
  find(key: string): Promise<StoredFile | undefined>;
  remove(key: string): Promise<void>;
  /**
   * The files whose keys begin so, in an order that is the same as long as the files are, those of a folder by name: a job that is
   * submitted again has the same tasks.
   */
  list(prefix: string): AsyncIterable<StoredFile>;
  close(): void;
}
