import type { Channel, PortEvent, PortType } from '@jbstore/core';

import { isNumbered, type Account } from './account';
import { Lookup } from './events';
import type { Lane } from './lane';

/** Watches `channel`, where the numbers of each lane must increase; returns what ends that. */
export function tapOn<P extends PortType>(
  channel: Channel<P>,
  name: string,
  account: Account,
): () => void {
  const latest = new Map<Lane, number>();
  const watch = (event: PortEvent): void => {
    // Lookups are numbered by who asked first, and brokers bring together what was parted.
    if (!isNumbered(event) || event instanceof Lookup) return;
    const before = latest.get(event.lane) ?? 0;
    if (event.number <= before) {
      account.complain(
        `a tap of ${name} saw ${event.number} after ${before} of ${event.lane.from}`,
      );
    }
    latest.set(event.lane, event.number);
  };
  const requests = channel.requests.subscribe(watch);
  const indications = channel.indications.subscribe(watch);
  return () => {
    requests.unsubscribe();
    indications.unsubscribe();
  };
}
