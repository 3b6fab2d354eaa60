/**
 * The shortest part of `items` that still fails, in the sense that none of what is left can be left out alone:
 * the algorithm ddmin of Zeller and Hildebrandt (2002). It leaves out a half, then quarters, then eighths,
 * and what is left is tried again; that a part alone fails is found by leaving out the others, one
 * after the other.
 *
 * @param fails - says whether these alone fail. `items` do
 */
export async function minimized<Item>(
  items: readonly Item[],
  fails: (some: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[]> {
  let left = items;
  let parts = 1;
  while (left.length > 0) {
    const shorter = await withoutOnePart(left, parts, fails);
    if (shorter) {
      left = shorter;
      parts = Math.min(Math.max(2, parts - 1), left.length);
    } else if (parts < left.length) {
      parts = Math.min(2 * parts, left.length);
    } else {
      break;
    }
  }
  return left;
}

async function withoutOnePart<Item>(
  items: readonly Item[],
  parts: number,
  fails: (some: readonly Item[]) => Promise<boolean>,
): Promise<readonly Item[] | undefined> {
  for (let part = 0; part < parts; part += 1) {
    const from = Math.floor((part * items.length) / parts);
    const to = Math.floor(((part + 1) * items.length) / parts);
    const rest = [...items.slice(0, from), ...items.slice(to)];
    if (await fails(rest)) return rest;
  }
  return undefined;
}
