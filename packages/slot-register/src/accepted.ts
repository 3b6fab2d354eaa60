import { type RegisterRecord } from './record';
import { type Ballot, type Tag } from './tag';

/** A record as an acceptor holds it, or votes for it: with its tag. */
export class Accepted implements Tag {
  constructor(
    readonly ballot: Ballot,
    readonly count: number,
    readonly record: RegisterRecord,
    readonly epoch?: number,
  ) {}
}
