import type { Host, PortEvent, System, TreatedFault } from '@jbstore/core';

/** Where something can be seen: one direction of a port, or the faults. */
export interface Point {
  readonly name: string;
}

/** Where faults are seen. */
export const faults: Point = { name: 'faults' };

/** Something that happened where it can be seen. */
export interface Occurrence {
  readonly at: Point;
  readonly what: PortEvent | TreatedFault;
  readonly atMs: number;
}

/** A running script: it sees each occurrence at once, and says whether it is to be passed on. */
type Reader = (occurrence: Occurrence) => boolean;

/** An event that nobody has taken or read. */
interface Kept extends Occurrence {
  readonly what: PortEvent;
  /** Of its coming, over all points. */
  readonly order: number;
}

/**
 * What is seen at all points of one test, as one sequence. A script that runs reads it whole; at other
 * times it is kept, point by point, for whoever takes it.
 */
export class Tape {
  readonly #host: Host;
  readonly #kept = new Map<Point, Kept[]>();
  #order = 0;
  #reader: Reader | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  get nowMs(): number {
    return this.#host.now();
  }

  get points(): readonly Point[] {
    return [...this.#kept.keys()];
  }

  /** A script is running. */
  get isRead(): boolean {
    return this.#reader !== undefined;
  }

  observe(point: Point): void {
    this.#kept.set(point, []);
  }

  /** Returns whether the event is to be passed on. */
  record(at: Point, what: PortEvent): boolean {
    const atMs = this.nowMs;
    if (this.#reader) return this.#reader({ at, what, atMs });
    this.#kept.get(at)?.push({ at, what, atMs, order: this.#order++ });
    return true;
  }

  /**
   * Returns false if there is no script to judge of the fault.
   * @param decided - what was decided about it: where a fault ends the system, the system stops
   */
  recordFault(decided: TreatedFault): boolean {
    this.#reader?.({ at: faults, what: decided, atMs: this.nowMs });
    return this.isRead;
  }

  /** Records the faults in `system` that somebody in it treats. One that ends it comes by `onFault`. */
  observeFaults(system: System): void {
    system.faults.subscribe((decided) => {
      if (decided.component !== system.name) this.recordFault(decided);
    });
  }

  /** Removes and returns the events kept at `point` that are `wanted`, oldest first. */
  take(point: Point, wanted: (event: PortEvent) => boolean = () => true): readonly PortEvent[] {
    const kept = this.#kept.get(point) ?? [];
    this.#kept.set(
      point,
      kept.filter(({ what }) => !wanted(what)),
    );
    return kept.map(({ what }) => what).filter(wanted);
  }

  /** Shows `reader` all that is kept, in the order in which it came, and then all that comes in `run`. */
  readWith(reader: Reader, run: () => void): void {
    const kept = [...this.#kept.values()].flatMap((events) => events.splice(0));
    kept.sort((one, other) => one.order - other.order);
    this.#reader = reader;
    try {
      for (const { at, what, atMs } of kept) reader({ at, what, atMs });
      run();
    } finally {
      this.#reader = undefined;
    }
  }
}
