/** How many previews are due behind a step and up to another: one at every `every` steps, none with 0. */
export function previewsBetween(from: number, to: number, every: number): number {
  return every === 0 ? 0 : Math.floor(to / every) - Math.floor(from / every);
}
