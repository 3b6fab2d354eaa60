import type { Channel, Component, PortType } from '@jbstore/core';

import type { Selection } from './lane';
import type { Post } from './post';

/** An end of a channel: at a component, unplugged, or where one was killed while the channel was held. */
type End<C extends Component> = Post<C> | 'free' | 'killed';

/** One channel, as the driver knows it. */
export interface Way<P extends PortType, S extends Component, C extends Component> {
  readonly channel: Channel<P>;
  readonly selection: Selection;
  provider: End<S>;
  client: End<C>;
  held: boolean;
  /** Whose events may wait in it since it was held; and whether an end of it has moved since then. */
  readonly formerProviders: Set<Post<S>>;
  readonly formerClients: Set<Post<C>>;
  moved: boolean;
  untap: (() => void) | undefined;
}
