import { type Accepted } from './accepted';
import { type Floors } from './acceptor';
import { type Gathered } from './gathering';
import { type ListedRecord, type MergedBase } from './local-slots';
import { forgettable, isCollectable, type Pruning } from './pruning';
import { newestGenerationIn } from './results';
import { type Seat } from './slot';
import { type StreamEntry } from './stream';
import { type Tag } from './tag';

/** The records with which an epoch begins; of what is not among them, nothing is known below the floors. */
export interface Bases extends Floors {
  readonly bases: readonly MergedBase[];
}

/**
 * The bases in what the previous group held. Tombstones of which all is forgotten are left out (8.2): no copy of a
 * request can revive what was deleted, since the floors rise instead; and nothing of the epoch before is heard any more.
 */
export function basesOf(formers: Gathered, pruning: Pruning): Bases {
  const generation = forgettable(pruning, newestIn(formers.records.values()));
  let { generationFloor, versionFloor } = formers;
  const bases: MergedBase[] = [];
  for (const [register, { ballot, count, epoch, record }] of formers.records) {
    if (isCollectable(record, generation)) {
      generationFloor = Math.max(generationFloor, generation, record.generationFloor);
      versionFloor = Math.max(versionFloor, record.version);
    } else bases.push({ register, record, former: { ballot, count, epoch } });
  }
  return { bases, generationFloor, versionFloor };
}

function newestIn(records: Iterable<Accepted>): number {
  let newest = 0;
  for (const { record } of records) {
    newest = Math.max(newest, newestGenerationIn(record.results));
  }
  return newest;
}

/** What the lead, which has fixed all bases, streams: its own records, whatever became of them since. */
export function listedEntries({ previous }: Seat, records: readonly ListedRecord[]): StreamEntry[] {
  return records.map(({ register, count, record, former }) => {
    const old = former && previous && oldTag(former, previous.epoch);
    return { register, count, record, old };
  });
}

/**
 * What is streamed with a ballot above the first: as the base of each register, the vote with the highest tag, or
 * else what the previous group held. `formers` are not needed if one of the voters is synced.
 */
export function votedEntries(
  { epoch, previous }: Seat,
  votes: Gathered,
  formers: Bases | undefined,
): { readonly entries: StreamEntry[]; readonly floors: Floors } {
  const entries = Array.from(votes.records, ([register, { ballot, count, record }]) => {
    return { register, count: 0, record, old: { epoch, ballot, count } };
  });
  if (!formers || !previous) return { entries, floors: votes };
  for (const { register, record, former } of formers.bases) {
    if (votes.records.has(register)) continue;
    entries.push({ register, count: 0, record, old: oldTag(former, previous.epoch) });
  }
  return { entries, floors: formers };
}

/** A tag of the epoch before, unless it says of which. */
function oldTag({ ballot, count, epoch }: Tag, before: number): NonNullable<StreamEntry['old']> {
  return { epoch: epoch ?? before, ballot, count };
}
