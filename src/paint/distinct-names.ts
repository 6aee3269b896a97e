import { basename, dirname, extname, join, resolve } from 'node:path';

/** A photo's painting before its style is put into its name. */
export interface NamedOutput {
  /** The photo. */
  readonly path: string;
  /** Place in the folder to write to, without extension. */
  readonly stem: string;
  /** With its dot. */
  readonly extension: string;
}

/**
 * Names of which no two are the same, on file systems that do not tell capitals either. Where photos would meet, all of them
 * get the extension of their photo (`x-png`), then, where that does not tell them apart, their photo's folder before
 * it (`b/x`), then numbers in the order of their paths: which name a photo gets does not hang on the order of the call.
 *
 * @returns stems in the order given.
 */
export function distinctStems(outputs: readonly NamedOutput[]): readonly string[] {
  const stems = outputs.map(({ stem }) => stem);
  rename(outputs, stems, (group) => {
    const own = group.map((i) => extname(outputs[i]!.path).slice(1).toLowerCase());
    if (new Set(own).size === 1) return;
    group.forEach((i, at) => {
      stems[i] += `-${own[at]}`;
    });
  });
  rename(outputs, stems, (group) => {
    const folders = group.map((i) => basename(dirname(resolve(outputs[i]!.path))));
    if (new Set(folders).size === 1) return;
    group.forEach((i, at) => {
      stems[i] = join(folders[at]!, stems[i]!);
    });
  });
  rename(outputs, stems, (group) => {
    const taken = new Set(outputs.map(({ extension }, i) => keyOf(stems[i]!, extension)));
    const sorted = group.toSorted((a, b) => (resolve(outputs[a]!.path) < resolve(outputs[b]!.path) ? -1 : 1));
    let number = 1;
    for (const i of sorted.slice(1)) {
      const { extension } = outputs[i]!;
      do number++;
      while (taken.has(keyOf(`${stems[i]}-${number}`, extension)));
      stems[i] += `-${number}`;
    }
  });
  return stems;
}

function rename(
  outputs: readonly NamedOutput[],
  stems: readonly string[],
  change: (group: readonly number[]) => void,
): void {
  const groups = new Map<string, number[]>();
  outputs.forEach(({ extension }, i) => {
    const key = keyOf(stems[i]!, extension);
    groups.set(key, [...(groups.get(key) ?? []), i]);
  });
  for (const group of groups.values()) if (group.length > 1) change(group);
}

function keyOf(stem: string, extension: string): string {
  return `${stem}${extension}`.normalize('NFC').toLowerCase();
}
