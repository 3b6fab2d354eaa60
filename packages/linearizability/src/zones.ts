import type { Access } from './model';
import type { Interval, Value } from './operation';
import { never, type Part } from './part';

/** All that is known of one value of a register: where it was written and read. */
interface Cluster {
  /** The rank of the call of its write; -1 for the value that was there first. */
  readonly written: number;
  /** The rank of the first return of its operations. */
  firstReturn: number;
  /** The rank of the last call of its operations. */
  lastCall: number;
  /** The rank of the first return of its reads. */
  firstRead: number;
}

/** A stretch of ranks, both ends among it. */
interface Zone {
  readonly from: number;
  readonly to: number;
}

/**
 * Decides whether the reads and writes of a register are linearizable, in O(n log n) (Gibbons and Korach 1997,
 * theorem 3.1 and section 4.1). Undefined if some value is written twice, or is also the first value: then
 * nobody can tell which write a read found, and this does not apply.
 *
 * It rests on this. As each value is written once, the operations of a value, its cluster, take effect one
 * after the other, with none of another value between: the write first, then its reads. Let f be the first
 * return in the cluster and s the last call.
 * - f before s, a forward zone: one of its operations was over at f and another not begun before s, so the
 *   register held this value from f to s, and no other can have held it anywhere in there.
 * - s before f, a backward zone: all of its operations were under way from s to f, and can take effect at one
 *   moment of that stretch, one right after the other.
 *
 * So two forward zones that overlap cannot be. Nor can a backward zone within a forward one: its cluster would
 * have to come wholly before or wholly after the other, but one of its operations began after f of the other
 * and one was over before s of the other. Nor can a read that was over before the write of its value was
 * called. In the absence of these three there is an order: clusters of forward zones by their zones, each
 * backward one at a moment of its stretch that no forward zone covers, and within a cluster the write first.
 *
 * The first value was written before all. A pending write that was read took effect, and may return as late as
 * can be; one that nobody read may never have taken effect, and as a zone without end it lies within no other.
 * Pending reads say nothing. Ranks are all different, so neither ends of zones nor calls and returns coincide.
 */
export function isAtomicByZones(
  part: Part<Interval>,
  accesses: readonly Access[],
  first: Value,
): boolean | undefined {
  const clusters = clustersOf(part, accesses, first);
  if (!clusters) return undefined;
  if (!addReads(clusters, part, accesses)) return false;

  const forward: Zone[] = [];
  const backward: Zone[] = [];
  for (const { written, firstReturn, lastCall, firstRead } of clusters.values()) {
    if (firstRead < written) return false;
    if (firstReturn < lastCall) forward.push({ from: firstReturn, to: lastCall });
    else backward.push({ from: lastCall, to: firstReturn });
  }
  forward.sort((a, b) => a.from - b.from);
  const overlap = forward.some(({ from }, index) => from < (forward[index - 1]?.to ?? -1));
  return !overlap && !backward.some((zone) => isWithinOneOf(forward, zone));
}

/** A cluster for each write; undefined if two write the same. */
function clustersOf(
  { calls, returns }: Part<Interval>,
  accesses: readonly Access[],
  first: Value,
): Map<Value, Cluster> | undefined {
  const start = { written: -1, firstReturn: -1, lastCall: -1, firstRead: never };
  const clusters = new Map<Value, Cluster>([[first, start]]);
  for (const [index, access] of accesses.entries()) {
    if (!('writes' in access)) continue;
    if (clusters.has(access.writes)) return undefined;
    const written = calls[index] ?? 0;
    const firstReturn = returns[index] ?? never;
    clusters.set(access.writes, { written, firstReturn, lastCall: written, firstRead: never });
  }
  return clusters;
}

/** False if something was read that nobody wrote. */
function addReads(
  clusters: ReadonlyMap<Value, Cluster>,
  { calls, returns }: Part<Interval>,
  accesses: readonly Access[],
): boolean {
  return accesses.every((access, index) => {
    const end = returns[index] ?? never;
    if (!('reads' in access) || end === never) return true;
    const cluster = clusters.get(access.reads);
    if (!cluster) return false;
    cluster.firstReturn = Math.min(cluster.firstReturn, end);
    cluster.firstRead = Math.min(cluster.firstRead, end);
    cluster.lastCall = Math.max(cluster.lastCall, calls[index] ?? 0);
    return true;
  });
}

/** Whether `zone` lies within one of `others`, which do not overlap and are in order. */
function isWithinOneOf(others: readonly Zone[], zone: Zone): boolean {
  let low = 0;
  let high = others.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((others[middle]?.from ?? 0) < zone.from) low = middle + 1;
    else high = middle;
  }
  return zone.to < (others[low - 1]?.to ?? -1);
}
