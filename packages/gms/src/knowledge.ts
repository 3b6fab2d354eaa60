/** What the process that proposes views knows beside the view. Members are named by their index. */
export interface Knowledge {
  /** A majority of the group of `slot` has reported that it is synced in the slot's epoch. */
  readonly settled: (slot: number) => boolean;
  /** Whom this process suspects. */
  readonly suspected: ReadonlySet<number>;
  /** Whom it has suspected for the time of grace, and a majority of the council suspects too. */
  readonly givenUp: ReadonlySet<number>;
}
