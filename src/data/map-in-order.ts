/**
 * Maps several items at a time and gives the results in the items' order. At most `atOnce` are under way or waiting
 * to be taken, which bounds the memory. Whoever leaves the loop waits for what is under way.
 */
export async function* mapInOrder<Item, Result>(
  items: Iterable<Item> | AsyncIterable<Item>,
  atOnce: number,
  map: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, void> {
  const under: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      if (under.length >= atOnce) yield await under.shift()!;
      const result = map(item);
      // A failure is thrown in its turn; until then it is not an unhandled rejection.
      result.catch(() => {});
      under.push(result);
    }
    while (under.length > 0) yield await under.shift()!;
  } finally {
    await Promise.allSettled(under);
  }
}
