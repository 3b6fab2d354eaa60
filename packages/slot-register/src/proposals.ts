import { type Address } from '@jbstore/network/port';

import { type Seen } from './lineage';

/** What was proposed with one ballot, of one register in one epoch. */
export class Proposals {
  /** By count. */
  readonly all = new Map<number, Seen>();
  /** Those counts of it that are not chosen yet, as they came. */
  readonly open = new Set<number>();
  /** The highest count that each member accepted. */
  readonly votes = new Map<Address, number>();

  constructor(
    readonly epoch: number,
    readonly register: string,
    readonly ballot: number,
  ) {}
}
