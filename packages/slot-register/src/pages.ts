import { type FlatRecords } from './flat-records';
import { type RegisterRecord } from './record';
import { isHigher, type Tag } from './tag';

/** A register, and the tag under which its record is held somewhere. */
export interface HeldTag extends Tag {
  readonly register: string;
}

/** A register with its record. */
export interface HeldRecord extends HeldTag {
  readonly record: RegisterRecord;
}

/** Registers behind `after`, up to and including `until`; to the end of the slot if that is null. */
export interface Span {
  readonly after: string;
  readonly until: string | null;
}

/** What one member holds of a span, as far as it is news. */
export interface Page {
  readonly entries: readonly HeldRecord[];
  /** The page says all up to this register; null: up to the end of the span. */
  readonly upTo: string | null;
}

/** About so many bytes are in a page, and in a chunk. */
export const pageBytes = 64 * 1024;

/** The span of the next page behind `after`, by what this member holds, and the tags that it has there. */
export function spanBehind(
  after: string,
  accepted: FlatRecords,
): { readonly span: Span; readonly held: readonly HeldTag[] } {
  const held: HeldTag[] = [];
  let bytes = 0;
  for (const register of sorted(accepted)) {
    const tag = register > after && accepted.tagOf(register);
    if (!tag) continue;
    bytes += register.length + tagBytes;
    if (bytes > pageBytes && held.length > 0) {
      return { span: { after, until: held.at(-1)?.register ?? null }, held };
    }
    held.push({ register, ...tag });
  }
  return { span: { after, until: null }, held };
}

/** What `accepted` has in `span` that `held` does not have, or only with a lower tag. */
export function pageOf(
  accepted: FlatRecords,
  { after, until }: Span,
  held: readonly HeldTag[],
): Page {
  const known = new Map(held.map((entry) => [entry.register, entry]));
  const entries: HeldRecord[] = [];
  let bytes = 0;
  for (const register of sorted(accepted)) {
    if (register <= after) continue;
    if (until !== null && register > until) break;
    const tag = accepted.tagOf(register);
    const there = known.get(register);
    const entry = !tag || (there && !isHigher(tag, there)) ? undefined : accepted.get(register);
    if (!entry) continue;
    const { ballot, count, epoch, record } = entry;
    bytes += bytesOfRecord(register, record);
    if (bytes > pageBytes && entries.length > 0) {
      return { entries, upTo: entries.at(-1)?.register ?? null };
    }
    entries.push({ register, ballot, count, epoch, record });
  }
  return { entries, upTo: null };
}

/** About what a tag takes on the wire. */
const tagBytes = 12;

/** About what `record` takes on the wire. */
export function bytesOfRecord(register: string, { value, results }: RegisterRecord): number {
  return register.length + tagBytes + (value?.length ?? 0) + results.length;
}

/** What is looked at page by page does not change any more, so its order is found once. */
const orders = new WeakMap<FlatRecords, readonly string[]>();

function sorted(accepted: FlatRecords): readonly string[] {
  let order = orders.get(accepted);
  if (!order) orders.set(accepted, (order = [...accepted.keys()].sort()));
  return order;
}
