/** Damage done to files at seeded places: the same seed does the same damage. */
import { random } from '../../../src/data/random.ts';

/** One damaged copy. */
export function mutated(bytes: Uint8Array, seed: number): Uint8Array {
  const next = random(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  let file = Uint8Array.from(bytes);
  // Heads are where files say what to believe.
  const place = () => below(next() < 0.6 ? Math.min(file.length, 400) : file.length);
  for (let times = 1 + below(4); times > 0; times--) {
    const at = place();
    const length = Math.min(file.length - at, 1 + below(next() < 0.2 ? 200 : 4));
    switch (below(7)) {
      case 0: // other bytes
        for (let i = 0; i < length; i++) file[at + i] = below(256);
        break;
      case 1: // a bit
        file[at] = file[at]! ^ (1 << below(8));
        break;
      case 2: // the largest number there is
        file.fill(255, at, at + 4);
        break;
      case 3:
        file.fill(0, at, at + length);
        break;
      case 4: // cut
        file = file.slice(0, Math.max(1, at));
        break;
      case 5: // bytes gone
        file = Uint8Array.from([...file.subarray(0, at), ...file.subarray(at + length)]);
        break;
      default: // bytes from elsewhere put in between
        file = Uint8Array.from([
          ...file.subarray(0, at),
          ...file.subarray(below(file.length)).subarray(0, length),
          ...file.subarray(at),
        ]);
    }
    if (file.length === 0) return file;
  }
  return file;
}
