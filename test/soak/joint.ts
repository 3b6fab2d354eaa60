import type {
  Channel,
  Component,
  PortType,
  ProvidedPort,
  Random,
  RequiredPort,
} from '@jbstore/core';

import type { Selection } from './lane';
import type { Post } from './post';

/** Where two layers of the plant meet: the channels between them, and what can be done to those. */
export interface Joint {
  readonly name: string;
  readonly channels: number;
  /** Connects clients that have too few channels: all of them, or one. */
  mend(random: Random, which?: Post | 'one'): boolean;
  disconnect(random: Random): boolean;
  hold(random: Random): boolean;
  resume(random: Random): boolean;
  /** Takes one end of a held channel off its port. */
  unplug(random: Random): boolean;
  /** Puts a free end of a held channel to a port of another post. */
  plug(random: Random): boolean;
  tap(random: Random): boolean;
  untap(random: Random): boolean;
  /** No channel is held, moved or tapped any more. */
  settle(random: Random): void;
  /** The component at `post` was killed. */
  ended(post: Post): void;
  /** A channel is held that ends at `post`. */
  holdsAt(post: Post): boolean;
}

/** What there is to know of a joint. */
export interface JointPlan<P extends PortType, S extends Component, C extends Component> {
  readonly name: string;
  readonly providers: readonly Post<S>[];
  readonly clients: readonly Post<C>[];
  readonly provided: (component: S) => ProvidedPort<P>;
  readonly required: (component: C) => RequiredPort<P>;
  /** The kinds of lanes that go either way. */
  readonly requests: readonly string[];
  readonly indications: readonly string[];
  /** How many channels each client should have; to as many providers. */
  readonly perClient: number;
  /** What a further channel of `client` carries. Default: all. */
  readonly select?: (client: Post<C>, random: Random) => Selection;
  readonly connect?: (
    provided: ProvidedPort<P>,
    required: RequiredPort<P>,
    selection: Selection,
  ) => Channel<P> | undefined;
}
