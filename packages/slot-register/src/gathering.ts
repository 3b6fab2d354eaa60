import { type Address, type Message } from '@jbstore/network/port';

import { Accepted } from './accepted';
import { type Floors, type Holdings } from './acceptor';
import { FlatRecords } from './flat-records';
import { spanBehind, type HeldTag, type Page, type Span } from './pages';
import { isHigher } from './tag';

/** A page of one source, and what this says of all that is in its pages. */
export interface SourcedPage extends Page, Floors {
  /** What it does not have was not chosen in earlier epochs. */
  readonly complete: boolean;
}

/** Of whom a gathering needs what they have. */
export interface Sources {
  readonly addresses: readonly Address[];
  readonly quorum: number;
  /** One of the quorum must be complete. */
  readonly needsComplete: boolean;
  /** What this process has, if it is one of them. */
  readonly own: { readonly address: Address; readonly holdings: Holdings } | undefined;
  readonly question: (to: Address, span: Span, held: readonly HeldTag[]) => Message;
}

/** What was gathered. */
export interface Gathered extends Floors {
  /** The record with the highest tag of each register. */
  readonly records: ReadonlyMap<string, Accepted>;
  /** One of the quorum is complete. */
  readonly complete: boolean;
}

const nothing = new FlatRecords();

/**
 * Collects the records of a slot from a quorum of sources, page by page, where each page says what this process lacks.
 * Whichever quorum answers first is asked for the rest as well.
 */
export class Gathering {
  readonly #sources: Sources;
  readonly #records = new Map<string, Accepted>();
  /** Who is asked; all sources until a quorum has answered. */
  #asked: readonly Address[];
  #needed: number;
  #span: Span = { after: '', until: null };
  #held: readonly HeldTag[] = [];
  /** The answers about the present span. */
  #pages = new Map<Address, SourcedPage>();
  #complete = false;
  #generationFloor = 0;
  #versionFloor = 0;
  #isOver = false;

  constructor(sources: Sources) {
    this.#sources = sources;
    this.#asked = sources.addresses;
    this.#needed = sources.quorum;
    this.#turnTo('');
    this.#advance();
  }

  /** What is to be asked of those who have not answered. */
  get questions(): readonly Message[] {
    return this.#asked
      .filter((source) => !this.#pages.has(source))
      .map((source) => this.#sources.question(source, this.#span, this.#held));
  }

  /** True if `source` was asked, and has not answered yet. */
  asks(source: Address): boolean {
    return this.#asked.includes(source) && !this.#pages.has(source);
  }

  /** A source has answered about the present span. Returns true if that was enough to go on. */
  receive(source: Address, page: SourcedPage): boolean {
    this.#pages.set(source, page);
    return this.#advance();
  }

  /** Undefined while there is more to ask. */
  get gathered(): Gathered | undefined {
    if (!this.#isOver) return undefined;
    return {
      records: this.#records,
      complete: this.#complete,
      generationFloor: this.#generationFloor,
      versionFloor: this.#versionFloor,
    };
  }

  #turnTo(after: string): void {
    const { own } = this.#sources;
    const accepted = own?.holdings.accepted ?? nothing;
    const { span, held } = spanBehind(after, accepted);
    this.#span = span;
    this.#held = held;
    this.#pages = new Map();
    if (own) this.#pages.set(own.address, ownPage(own.holdings, held));
  }

  /** Takes over what a quorum has said of the span, and turns to the next; as long as that can be done. */
  #advance(): boolean {
    let advanced = false;
    while (!this.#isOver && this.#isQuorum()) {
      advanced = true;
      this.#asked = [...this.#pages.keys()];
      this.#needed = this.#asked.length;
      const bound = this.#takeOver();
      if (bound === null) this.#isOver = true;
      else this.#turnTo(bound);
    }
    return advanced;
  }

  #isQuorum(): boolean {
    if (this.#pages.size < this.#needed) return false;
    const isComplete = [...this.#pages.values()].some(({ complete }) => complete);
    return isComplete || !this.#sources.needsComplete;
  }

  /** Returns up to where all pages have said what there is; null: to the end of the slot. */
  #takeOver(): string | null {
    const ends = [...this.#pages.values()].map(({ upTo }) => upTo ?? this.#span.until);
    const bound = ends.reduce(
      (low, end) => (low === null || (end !== null && end < low) ? end : low),
      null,
    );
    for (const { entries, complete, generationFloor, versionFloor } of this.#pages.values()) {
      this.#complete ||= complete;
      this.#generationFloor = Math.max(this.#generationFloor, generationFloor);
      this.#versionFloor = Math.max(this.#versionFloor, versionFloor);
      for (const entry of entries) {
        const { register, ballot, count, record, epoch } = entry;
        if (bound !== null && register > bound) continue;
        const known = this.#records.get(register);
        if (known && !isHigher(entry, known)) continue;
        this.#records.set(register, new Accepted(ballot, count, record, epoch));
      }
    }
    return bound;
  }
}

function ownPage(holdings: Holdings, held: readonly HeldTag[]): SourcedPage {
  const { accepted, synced: complete, generationFloor, versionFloor } = holdings;
  const entries = held.flatMap((entry) => {
    const record = accepted.get(entry.register)?.record;
    return record ? [{ ...entry, record }] : [];
  });
  return { entries, upTo: null, complete, generationFloor, versionFloor };
}
