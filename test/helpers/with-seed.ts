/** A check of what a seed has drawn: a failure names the seed. */
export async function withSeed<Found>(seed: number, check: () => Found | Promise<Found>): Promise<Found> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof Error) error.message = `with seed ${seed}: ${error.message}`;
    throw error;
  }
}
