/** The table of films compared with the peers', from figures. */
import { targetLine } from '../sections.ts';

/** What is to be reached with bf16 units: frames per second of the small network at this size. */
const REAL_TIME = { size: '640x360', network: 'wave-film', least: 24 } as const;

/** A film of one size through one network. */
export interface FilmRow {
  readonly size: string;
  readonly network: string;
  /** Frames per second, by painter; or why there are none. */
  readonly results: ReadonlyMap<string, number | string>;
}

/** A figure, or why there is none. */
export const shown = (fps: number | string) => (typeof fps === 'string' ? fps : fps.toFixed(2));

/** @param ours what is ours among the painters. @param hasUnits whether the machine has bf16 units. */
export function besidePeersReport(
  rows: readonly FilmRow[],
  ours: string,
  rounds: number,
  hasUnits: boolean,
): string {
  const peers = [...(rows[0]?.results.keys() ?? [])].filter((name) => name !== ours);
  const cells = ({ size, network, results }: FilmRow) => {
    const own = results.get(ours)!;
    const beside = peers.map((name) => {
      const fps = results.get(name)!;
      const ratio = typeof fps === 'number' && typeof own === 'number' ? ` (${(own / fps).toFixed(2)}×)` : '';
      return `${shown(fps)}${ratio}`;
    });
    return `| ${[size, network, shown(own), ...beside].join(' | ')} |`;
  };
  const { size, network, least } = REAL_TIME;
  const found = rows.find((row) => row.size === size && row.network === network)?.results.get(ours);
  const verdict = !hasUnits ? 'not measured' : Number(found) >= least ? 'reached' : 'not reached';
  return [
    `Frames per second between the first frame and the last, from an H.264 film of a moving camera to an H.264 film (preset veryfast), medians of ${rounds} rounds in turns.`,
    'All use the same ffmpeg with the same options through pipes, and decode and encode in threads while painting. In brackets: ours divided by theirs. A peer',
    "counts if its last frame agrees with ours. The networks are the Great Wave's: the small one for films, the shipped one of half width, and that one widened.",
    '',
    `| Size | Network | ${[ours, ...peers].join(' | ')} |`,
    `|---|---|${'---:|'.repeat(1 + peers.length)}`,
    ...rows.map(cells),
    '',
    targetLine(
      `${network} at ${size} with bf16 units ≥ ${least} frames per second`,
      `${shown(found ?? 'not measured')} in ${ours.split(' ')[1]}`,
      verdict,
    ),
  ].join('\n');
}
