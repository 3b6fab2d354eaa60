import { type ProcessId } from './address';
import { type Counts } from './frame';
import { type Message } from './message';
import { type SessionEnd } from './port';
import { Session, type SessionBounds } from './session';

/** The part of a Hello or a Welcome that is about the session. */
export interface Proposal {
  readonly session: string;
  readonly established: boolean;
  readonly received: Counts;
  readonly dial: number;
}

export interface Agreement {
  readonly session: string;
  readonly received: Counts;
  readonly dials: number;
}

export interface AssociationSettings {
  readonly self: ProcessId;
  readonly bounds: SessionBounds;
  readonly drawSession: () => string;
  /** A session has ended; at most `dropped` messages of it were not delivered. */
  readonly lost: (peer: ProcessId, dropped: number, reason: SessionEnd) => void;
}

export type Verdict =
  | { readonly accepted: true; readonly resumed: boolean; readonly agreement: Agreement }
  | { readonly accepted: false; readonly code: 'ERR_CROSSED' | 'ERR_STALE' };

/**
 * What one process knows of another: its incarnation, and the session with it. Decides, without clock
 * and socket, which connection counts and whether a session goes on.
 *
 * A session is proposed by whoever dials, under a name that stays the same until it is established or
 * ended: so a lost Welcome does no harm. Of two dials that cross, the one of the smaller id wins. Dials
 * are numbered, and a Hello that was overtaken by a later one, or by a Welcome, is late.
 */
export class Association {
  session: Session | undefined;
  readonly #settings: AssociationSettings;
  #incarnation: string | undefined;
  readonly #formerIncarnations = new Set<string>();
  /** The session that was named in the Hello which waits for a Welcome. */
  #asked: Session | undefined;
  #newestDial = 0;

  constructor(
    readonly peer: ProcessId,
    settings: AssociationSettings,
  ) {
    this.#settings = settings;
  }

  send(message: Message): void {
    this.#current().send(message);
    this.#bound();
  }

  /** Sends what was kept for whoever would answer. */
  adopt(kept: Session): void {
    this.#current().adopt(kept);
    this.#bound();
  }

  /** The other side is in this incarnation, as it says itself on a new connection. */
  met(incarnation: string): boolean {
    if (incarnation === this.#incarnation) return true;
    if (this.#formerIncarnations.has(incarnation)) return false;
    if (this.#incarnation !== undefined) {
      this.#formerIncarnations.add(this.#incarnation);
      if (this.session?.established) this.end('other process');
    }
    this.#incarnation = incarnation;
    this.#newestDial = 0;
    return true;
  }

  /** Dials: what to say in the Hello. */
  propose(dial: number): Proposal {
    const session = this.#current();
    this.#asked = session;
    const { id, established, received } = session;
    return { session: id, established, received, dial };
  }

  /** The dial has failed, or was given up. */
  abandon(): void {
    this.#asked = undefined;
  }

  /** A Hello has come; `dials` is what this process has dialled up to now. */
  consider({ session: id, established, received, dial }: Proposal, dials: number): Verdict {
    if (dial <= this.#newestDial) return { accepted: false, code: 'ERR_STALE' };
    if (this.#asked && this.#settings.self < this.peer) {
      return { accepted: false, code: 'ERR_CROSSED' };
    }
    this.#newestDial = dial;
    this.#asked = undefined;
    const resumed = this.session?.id === id && (this.session.established || established);
    if (this.session?.id !== id) {
      if (this.session?.established) this.end('ended by peer');
      // A session that the other side takes for established, and is unknown here, has ended.
      this.#current().id = established ? this.#settings.drawSession() : id;
    }
    if (this.session?.id === id && !this.session.resume(received)) {
      // These counts are of another session, which only bears the same name.
      this.end('ended by peer');
    }
    const session = this.#establish();
    const agreement = { session: session.id, received: session.received, dials };
    return { accepted: true, resumed, agreement };
  }

  /**
   * A Welcome has come.
   * @returns undefined if the session that was proposed has ended meanwhile: dial again
   */
  agree({ session: id, received, dials }: Agreement): { readonly resumed: boolean } | undefined {
    const asked = this.#asked;
    this.#asked = undefined;
    if (!asked || asked !== this.session) return undefined;
    this.#newestDial = Math.max(this.#newestDial, dials);
    const resumed = asked.id === id && asked.established;
    if (asked.id !== id) {
      if (asked.established) this.end('ended by peer');
      this.#current().id = id;
    } else if (!asked.resume(received)) {
      this.end('ended by peer');
      return undefined;
    }
    this.#establish();
    return { resumed };
  }

  /** Ends the session, if there is one, and drops what it holds. */
  end(reason: SessionEnd): void {
    const dropped = this.session?.queuedMessages ?? 0;
    const worthTelling = this.session?.established === true || dropped > 0;
    this.session = undefined;
    if (worthTelling) this.#settings.lost(this.peer, dropped, reason);
  }

  #current(): Session {
    return (this.session ??= new Session(this.#settings.drawSession(), this.#settings.bounds));
  }

  #establish(): Session {
    const session = this.#current();
    session.established = true;
    return session;
  }

  #bound(): void {
    if (this.session?.overflows) this.end('overflow');
  }
}
