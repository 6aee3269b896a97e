/**
 * Connected areas of a mask, over edges and corners (8 neighbours).
 *
 * @param mask [H·W], not 0 where set. @returns the pixels of each area, as indices.
 */
export function connectedAreas(mask: Uint8Array, width: number): readonly (readonly number[])[] {
  const height = mask.length / width;
  const seen = new Uint8Array(mask.length);
  const areas: number[][] = [];
  for (let start = 0; start < mask.length; start++) {
    if (mask[start] === 0 || seen[start] === 1) continue;
    const area = [start];
    seen[start] = 1;
    for (let i = 0; i < area.length; i++) {
      const at = area[i]!;
      const [x, y] = [at % width, Math.floor(at / width)];
      for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++) {
        for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
          const next = v * width + u;
          if (mask[next] === 0 || seen[next] === 1) continue;
          seen[next] = 1;
          area.push(next);
        }
      }
    }
    areas.push(area);
  }
  return areas;
}
