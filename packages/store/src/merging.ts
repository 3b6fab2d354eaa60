/** What one member of a group says of the names it holds: in order, and whether there are more. */
export interface Listing {
  readonly names: readonly string[];
  readonly more: boolean;
}

/** Pages are cut at so many bytes, so that none comes near the largest message. */
const pageBytes = 256 * 1024;

/** The first names of `listing` that fit one message; at least one, if there is one. */
export function cutToMessage(listing: Listing): Listing {
  let bytes = 0;
  const end = listing.names.findIndex((name, index) => {
    bytes += name.length + 4;
    return index > 0 && bytes > pageBytes;
  });
  return end < 0 ? listing : { names: listing.names.slice(0, end), more: true };
}

/**
 * The union of what a majority of a group lists. A listing with more to come says nothing of the names
 * behind its last one, so the union ends at the first such end. A name that a majority holds is in
 * some listing of any other majority, hence none that was written before is left out.
 */
export function mergeListings(listings: readonly Listing[], limit: number): Listing {
  const ends = listings.flatMap(({ names, more }) => (more ? names.slice(-1) : []));
  const end = ends.reduce<string | undefined>(
    (least, name) => (least === undefined || name < least ? name : least),
    undefined,
  );
  const union = [...new Set(listings.flatMap(({ names }) => names))].sort(byBytes);
  const names = end === undefined ? union : union.filter((name) => name <= end);
  return cutToMessage({
    names: names.slice(0, limit),
    more: end !== undefined || names.length > limit,
  });
}

/** Names are strings of bytes: the order of their characters is that of positions, then of keys. */
function byBytes(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
