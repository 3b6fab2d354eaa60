/** A runtime that is measured. Every method does the work, and returns how many events were handled. */
export interface CoreSubject {
  /**
   * Two components: `rounds` times a request and its answer, `inFlight` of them at a time.
   * @param tap - where an observer sees every event
   * @throws {@link CannotDo} if there is no such place
   */
  exchange(rounds: number, inFlight: number, tap?: Tap): Promise<number>;
  /** One component tells `width` others, `rounds` times, each time when the time before is over. */
  fanOut(width: number, rounds: number): Promise<number>;
  /** One token goes around `size` components, `events` steps in all. */
  ring(size: number, events: number): Promise<number>;
  /** Two components: requests and answers, one at a time, until `isOver`, which is asked now and then. */
  saturate(isOver: () => boolean): Promise<number>;
  /** Makes `components` that have one handler and nothing to do. */
  createIdle(components: number): Promise<Idle>;
}

/** A place where an observer sees events: on the way between two components, or where they arrive. */
export type Tap = 'channel' | 'port';

/** Idle components, held until `end`. */
export interface Idle {
  readonly made: number;
  end(): Promise<void>;
}

/** How many rounds of {@link CoreSubject.saturate} pass between two looks at the clock. */
export const roundsPerLook = 100;

/** A promise and what resolves it. */
export function completion(): { readonly done: Promise<void>; readonly finish: () => void } {
  let finish: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { done, finish };
}
