import type { Copy } from './link';
import type { RunFailure } from './outcome';
import type { Answered } from './observer';

/** What happened in a run, as it is drawn: plain data. Times are virtual. */
export interface Timeline {
  /** In the order in which they are drawn. */
  readonly places: readonly string[];
  readonly lives: readonly LifeMark[];
  readonly operations: readonly OperationMark[];
  readonly events: readonly EventMark[];
  readonly messages: readonly MessageMark[];
  readonly bands: readonly BandMark[];
  readonly failure: RunFailure | undefined;
  readonly endMs: number;
  /** Events and messages that are not there, as there would be too many. */
  readonly leftOut: number;
}

interface Span {
  readonly fromMs: number;
  /** Undefined if it was not over at the end. */
  readonly toMs: number | undefined;
}

/** A process, from its beginning to its end. */
export interface LifeMark extends Span {
  readonly place: string;
  readonly name: string;
}

export interface OperationMark extends Span {
  readonly place: string;
  readonly text: string;
  /** Undefined if it was not over at the end. */
  readonly status: Answered['status'] | undefined;
}

/** An event that was handled. */
export interface EventMark {
  readonly place: string;
  readonly atMs: number;
  /** The class of the event. */
  readonly type: string;
  readonly text: string;
}

/** One way of a message; it has several if it was doubled. */
export interface MessageMark {
  readonly from: string;
  /** Undefined if nobody was there. */
  readonly to: string | undefined;
  readonly sentMs: number;
  /** Undefined if it did not arrive. */
  readonly arrivedMs: number | undefined;
  readonly kind: Copy['kind'];
  readonly type: string;
  readonly text: string;
}

/** Something that was done to processes or links, for a while. */
export interface BandMark {
  readonly kind: string;
  /** Undefined if it lies on links. */
  readonly place: string | undefined;
  readonly fromMs: number;
  readonly toMs: number;
  readonly text: string;
}
