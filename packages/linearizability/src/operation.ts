/** What a register holds. `null` is nil: nothing was ever written, or it was deleted. */
export type Value = string | number | boolean | null;

/** An operation in time, whatever it did. All that the search knows of it. */
export interface Interval {
  /** Who called. A client has one operation at a time, and none after one without a known outcome. */
  readonly client: number;
  /** When it was called: a count of events, or a time. Only the order matters. */
  readonly call: number;
  /** When the answer came, on the same scale as `call`; null if none came. */
  readonly return: number | null;
  /**
   * `ok`: it took effect, between call and return. `fail`: it surely changed nothing. `unknown`: it may take
   * effect at any time after its call, or never.
   */
  readonly status: 'ok' | 'fail' | 'unknown';
}

/** What an operation did to a store, in the words of the JSON lines. */
export type Action =
  /** `value` is what was read; nothing is known of it if the status is `unknown`. */
  | { readonly op: 'read' | 'get'; readonly key?: string; readonly value: Value }
  /** `append` puts `value` behind what is there, as text. */
  | { readonly op: 'write' | 'put' | 'append'; readonly key?: string; readonly value: Value }
  | { readonly op: 'delete'; readonly key?: string }
  /** Writes `to` if `from` is there; the status is `fail` if something else was. */
  | { readonly op: 'cas'; readonly key?: string; readonly from: Value; readonly to: Value }
  /** Adds `by` (1 if it is left out) to a whole number, nil being 0; `value` is the sum. */
  | { readonly op: 'increment'; readonly key?: string; readonly by?: number; readonly value: Value }
  /** Reads and writes of several keys in one step, one after the other. */
  | { readonly op: 'txn'; readonly txn: readonly MicroOperation[] }
  | { readonly op: 'acquire' | 'release'; readonly key?: string };

/** One step of a transaction; nil as what is read means that it is not known. */
export type MicroOperation = readonly [kind: 'read' | 'write', key: string, value: Value];

/** One operation of a history, as its caller saw it. */
export type Operation = Interval & Action;

/** True if nothing ever told that the operation is over: it is still to be reckoned with. */
export function isPending({ return: end, status }: Interval): boolean {
  return end === null || status === 'unknown';
}
