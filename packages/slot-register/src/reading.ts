import { Linked } from '@jbstore/core';

import { type Read } from './port';

/** A read on its way. */
export class Reading extends Linked<Reading> {
  /** The number of the phase that runs; 0 if none does. */
  phase = 0;

  constructor(readonly read: Read) {
    super();
  }
}
