/** A runtime that is measured. Every method does the work, and returns how many events were handled. */
export interface CoreSubject {
  readonly name: string;
  /** How many events take it about a second. */
  readonly eventsPerRun: number;
  /** Two components: `rounds` times a request and its answer, `inFlight` of them at a time. */
  exchange(rounds: number, inFlight: number): Promise<number>;
  /** One component tells `width` others, `rounds` times, each time when the time before is over. */
  fanOut(width: number, rounds: number): Promise<number>;
  /** One token goes around `size` components, `events` steps in all. */
  ring(size: number, events: number): Promise<number>;
  /** Makes `components` that have one handler and nothing to do. */
  createIdle(components: number): Idle;
}

/** Idle components, held until `end`. */
export interface Idle {
  readonly made: number;
  end(): Promise<void>;
}

/** A promise and what resolves it. */
export function completion(): { readonly done: Promise<void>; readonly finish: () => void } {
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { done, finish };
}
