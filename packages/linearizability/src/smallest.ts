/**
 * A part of `items` of which `holds` is true, and of no part of which that lacks one more. Whatever is true of some
 * items has to be true of more: then to ask of each half, and of halves of halves, is enough, and few questions
 * that are answered by no tell which items are needed.
 */
export function smallestOf<T>(
  items: readonly T[],
  holds: (kept: readonly T[]) => boolean,
): readonly T[] {
  let kept = items;
  const drop = (some: readonly T[]): void => {
    const dropped = new Set(some);
    const others = kept.filter((item) => !dropped.has(item));
    if (holds(others)) {
      kept = others;
    } else if (some.length > 1) {
      const middle = some.length >>> 1;
      drop(some.slice(0, middle));
      drop(some.slice(middle));
    }
  };
  if (items.length > 0) drop(items);
  return kept;
}
