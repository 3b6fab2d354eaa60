/**
 * Performs `perform` for each of `items`, for at most `limit` of them at a time; for items with the same
 * key one after the other, in their order. After a failure no further item is taken; the ones under way are
 * waited for, then it throws the failure.
 */
export async function forEachConcurrently<Item>(
  items: AsyncIterable<Item> | Iterable<Item>,
  limit: number,
  keyOf: (item: Item) => string,
  perform: (item: Item) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>();
  const lastOfKey = new Map<string, Promise<void>>();
  let failure: { readonly reason: unknown } | undefined;

  const performAfter = async (before: Promise<void> | undefined, item: Item): Promise<void> => {
    await before;
    if (failure) return;
    try {
      await perform(item);
    } catch (reason) {
      failure ??= { reason };
    }
  };

  try {
    for await (const item of items) {
      const key = keyOf(item);
      const task = performAfter(lastOfKey.get(key), item).finally(() => {
        underWay.delete(task);
        if (lastOfKey.get(key) === task) lastOfKey.delete(key);
      });
      lastOfKey.set(key, task);
      underWay.add(task);
      if (underWay.size >= limit) await Promise.race(underWay);
      if (failure) break;
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failure) throw failure.reason;
}

/** `map` of each of `items`, in their order, for at most `limit` of them at a time. */
export async function* mapConcurrently<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  limit: number,
  map: (item: Item) => Promise<Result>,
): AsyncGenerator<Result, void, undefined> {
  const underWay: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const result = map(item);
      // It is awaited in its turn; until then its failure is not an unhandled one.
      result.catch(() => undefined);
      underWay.push(result);
      const first = underWay.length >= limit ? underWay.shift() : undefined;
      if (first) yield await first;
    }
    for (let next = underWay.shift(); next; next = underWay.shift()) yield await next;
  } finally {
    await Promise.allSettled(underWay);
  }
}
