/** How tasks that are due at one moment are put in order. */
export type Order =
  | { readonly kind: 'random' }
  /** By the priorities of the processes; the one in front falls back at the tasks with these numbers. */
  | { readonly kind: 'priorities'; readonly changes: readonly number[] };

/** How long messages take. */
export interface Latency {
  readonly leastMs: number;
  /** The most, but for stragglers. */
  readonly mostMs: number;
  /** How many are stragglers, from 0 to 1, and how much longer they take at most. */
  readonly stragglers: number;
  readonly stragglerMs: number;
}

/** What befalls single messages until all is healed, each with a chance from 0 to 1. */
export interface MessageRates {
  readonly loss: number;
  /** A loss, or a cut, is noticed at both ends after so long at most. */
  readonly noticedMs: number;
  readonly duplication: number;
  /** It leaves the queue of its link, and comes up to so much later. */
  readonly reordering: number;
  readonly reorderingMs: number;
  /** It comes once more, up to so much later. */
  readonly replay: number;
  readonly replayMs: number;
}

/** A direction between two places: from `n0` to `n1`, say. */
export type Direction = readonly [from: string, to: string];

interface At {
  readonly atMs: number;
}

interface During extends At {
  /** How long it lasts. */
  readonly lastsMs: number;
}

/** The client at this place asks for this, when it has done what it was told before. */
export interface OperationAction extends At {
  readonly kind: 'operation';
  readonly client: string;
  readonly operation: 'put' | 'get' | 'delete' | 'increment' | Compare;
  readonly key: string;
  /** What is put, or set; no other operation puts the same. */
  readonly value?: string;
}

/** A cas that expects nothing there, or the value or the version that its client saw last. */
export type Compare = 'set if absent' | 'set if value' | 'set if version';

/** The process at this place dies once it has handled so many more events. */
export interface CrashAction extends At {
  readonly kind: 'crash';
  readonly place: string;
  readonly afterEvents: number;
  /** So long after its death another process begins at its place; null if none does. */
  readonly restartMs: number | null;
  /** `same` is what no production node does: to take the identity of the one before, without its state. */
  readonly identity: 'new' | 'same';
}

/** The process at this place stands still, as under a debugger. */
export interface PauseAction extends During {
  readonly kind: 'pause';
  readonly place: string;
}

/** Every event takes the process at this place so long. */
export interface SlownessAction extends During {
  readonly kind: 'slowness';
  readonly place: string;
  readonly eventMs: number;
}

/** The clock at this place jumps ahead, and then runs at this rate for a while. */
export interface ClockAction extends During {
  readonly kind: 'clock';
  readonly place: string;
  readonly aheadMs: number;
  readonly rate: number;
}

/** Nothing goes in these directions. */
export interface CutAction extends During {
  readonly kind: 'cut';
  readonly shape: CutShape;
  readonly directions: readonly Direction[];
  /** What becomes of what is sent meanwhile: it is lost, or kept until the cut is over. */
  readonly messages: 'lost' | 'kept';
}

export type CutShape = 'split' | 'isolation' | 'one-way' | 'partial' | 'ring';

/** What goes in these directions is held up, and comes at the end. */
export interface ClogAction extends During {
  readonly kind: 'clog';
  readonly directions: readonly Direction[];
}

/** What goes in these directions takes longer. */
export interface SlowLinkAction extends During {
  readonly kind: 'slow link';
  readonly directions: readonly Direction[];
  readonly extraMs: number;
}

/** Heartbeats do not go in these directions, so that a living process is suspected. */
export interface WrongSuspicionAction extends During {
  readonly kind: 'wrong suspicion';
  readonly directions: readonly Direction[];
}

/** A node of another cluster comes up at this place, and wants to join this one. */
export interface StrangerAction extends During {
  readonly kind: 'stranger';
  readonly place: string;
}

/** A further node comes up at this place, and wants to join, and is gone after a while. */
export interface NewcomerAction extends During {
  readonly kind: 'newcomer';
  readonly place: string;
}

/** A further node comes up at this place, if none is there, and wants to join, for good. */
export interface JoinAction extends At {
  readonly kind: 'join';
  readonly place: string;
}

/** An operator asks, until it is done or refused, that the member at this place leave. */
export interface LeaveAction extends At {
  readonly kind: 'leave';
  readonly place: string;
}

/** An operator starts a node at the place `by`, if none is there, and asks that it replace the one at `place`. */
export interface ReplaceAction extends At {
  readonly kind: 'replace';
  readonly place: string;
  readonly by: string;
}

/** An operator asks for new epochs of these slots. */
export interface RefreshAction extends At {
  readonly kind: 'refresh';
  readonly slots: readonly number[];
}

/** An operator gives up the members at these places, so that the others go on in another era. */
export interface ForceAction extends At {
  readonly kind: 'force';
  /** Whoever is dead when it is asked for, if nobody is named. */
  readonly lost: readonly string[];
  readonly beginEmpty: boolean;
}

/** What an operator does to the cluster. */
export type ChangeAction = JoinAction | LeaveAction | ReplaceAction | RefreshAction | ForceAction;

export type Action =
  | OperationAction
  | CrashAction
  | PauseAction
  | SlownessAction
  | ClockAction
  | CutAction
  | ClogAction
  | SlowLinkAction
  | WrongSuspicionAction
  | StrangerAction
  | NewcomerAction
  | ChangeAction;

/** What happens by plan, rather than by what the processes do. */
export type FaultKind = Exclude<Action['kind'], 'operation'>;

/** What was drawn for the processes, within what their operators may configure. */
export interface Settings {
  readonly heartbeatDelayMs: number;
  readonly heartbeatIncreaseMs: number;
  readonly attemptMs: number;
  /**
   * How often front ends look at their deadlines; members do half as often, as in production. It is half
   * of all events, if it is often.
   */
  readonly tickMs: number;
  readonly timeoutMs: number;
}

/**
 * All that is drawn for one run before it begins, as plain data: leave actions out, or set rates to 0,
 * and what remains still happens at its time. Chance that is needed on the way (the fate of a message,
 * an order) follows from the seed and the place of its draw, not from what was drawn before.
 */
export interface Plan {
  readonly order: Order;
  readonly latency: Latency;
  readonly rates: MessageRates;
  readonly settings: Settings;
  /** By time. */
  readonly actions: readonly Action[];
  /** From then on nothing is done to processes and links, and the links keep their promises. */
  readonly healAtMs: number;
  /** By then all that is asked of the healed rest must be done. */
  readonly deadlineMs: number;
}
