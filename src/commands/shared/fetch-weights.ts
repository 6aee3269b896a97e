/** Fetching published weights from the command line: on request, or on an offer that is accepted. */
import { createInterface } from 'node:readline';
import type { PublishedWeights } from '../../networks/weights/published-weights.ts';
import type { StoredWeights } from '../../networks/weights/store-weights.ts';
import { progressBar } from './progress-bar.ts';
import { say } from './say.ts';

/** Fetches and stores weights with a progress bar. @throws as `storePublishedWeights`. */
export async function fetchWithProgress(
  published: PublishedWeights,
  { name, overwrite = false }: { readonly name: string; readonly overwrite?: boolean },
): Promise<StoredWeights> {
  const { storePublishedWeights } = await import('../../networks/weights/store-weights.ts');
  const bar = progressBar({ label: name, total: published.bytes, show: megabytes });
  try {
    return await storePublishedWeights(published, {
      name,
      overwrite,
      onProgress: (done, total) => {
        if (total !== undefined) bar.setTotal(total);
        bar.update(done);
      },
      onElsewhere: say,
    });
  } finally {
    bar.stop();
  }
}

export function megabytes(bytes: number): string {
  return bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

let offered = false;

/**
 * Asks once, at a terminal, whether VGG16 shall be fetched, and fetches it if so. Without a terminal nobody is asked.
 *
 * @returns whether it is there now. @throws {WeightsError} it was to be fetched, and could not be.
 */
export async function offerVgg16(): Promise<boolean> {
  if (offered || !process.stdin.isTTY || !process.stderr.isTTY) return false;
  offered = true;
  process.stderr.write(
    'Styles get better strokes with VGG16 as their judge than with the compact network that is shipped.\n',
  );
  if (!(await isAccepted('Fetch it now, once, 60 MB? [y/N] '))) return false;
  const { publishedWeights } = await import('../../networks/weights/published-weights.ts');
  await fetchWithProgress(publishedWeights('vgg16', 'keras'), { name: 'vgg16' });
  return true;
}

/** Only a yes is one; the end of the input is not. The terminal keeps its own ways, so Ctrl-C ends the program as usual. */
async function isAccepted(question: string): Promise<boolean> {
  process.stderr.write(question);
  const lines = createInterface({ input: process.stdin, terminal: false });
  try {
    for await (const line of lines) return /^\s*y(es)?\s*$/i.test(line);
    return false;
  } finally {
    lines.close();
  }
}
