import { NewView } from '@jbstore/gms/port';

import type { Invariant, InvariantFactory } from './invariant';

/** I8: there is one view of the cluster, for all and for good. */
function oneView(): Invariant {
  let first: string | undefined;
  return {
    name: 'I8 one view',
    check(_world, { event, process }) {
      if (!(event instanceof NewView)) return undefined;
      const view = JSON.stringify(event.view);
      first ??= view;
      if (view === first) return undefined;
      return `${process.self} installs ${view}, and before it was ${first}`;
    },
  };
}

/** All that hold in every scenario. */
export const invariants: readonly InvariantFactory[] = [oneView];
