import { Evicted, NewView, type View } from '@jbstore/gms/port';
import type { Message } from '@jbstore/network/port';
import { MutateRequest, MutatedReply, RefusedReply } from '@jbstore/store/port';

import type { Answered, Observer, OperationAction, Sending, SimulatedProcess, Step } from '../src';
import type { World } from '../src/invariant';

const ignore = (): void => undefined;

/** An operation that a client asked for, and what became of it. */
export interface Asking {
  readonly action: OperationAction;
  readonly askedMs: number;
  readonly answer?: Answered & { readonly atMs: number };
}

/** A message that went from one place to another. */
export interface Letter {
  readonly from: string;
  /** Which life of that place. */
  readonly sender: Sending['from'];
  /** Undefined if nobody was there. */
  readonly to: string | undefined;
  readonly atMs: number;
  readonly message: Message;
}

/** A request, and all that came of it. */
export interface Mutation {
  readonly key: string;
  readonly operation: MutateRequest['operation'];
  readonly asked: readonly Letter[];
  readonly answers: readonly Letter[];
  /** The codes of the refusals. */
  readonly refusals: readonly string[];
}

/** Some process has a view, or is evicted by it. */
export interface Installation {
  readonly process: SimulatedProcess;
  readonly view: View;
  readonly atMs: number;
  readonly isOut: boolean;
}

/** What was to be seen of a run: who sent what to whom, who had which view when, and what became of each operation. */
export class ScenarioLog implements Observer {
  readonly letters: Letter[] = [];
  readonly installations: Installation[] = [];
  readonly #over: Asking[] = [];
  readonly #views = new Map<SimulatedProcess, View>();
  readonly #running = new Map<string, Asking>();
  #world: World | undefined;

  /** By the order of their ends; last those that have not ended. */
  get askings(): readonly Asking[] {
    return [...this.#over, ...this.#running.values()];
  }

  /** Messages of such a type, as `store/Get`. */
  lettersOf(type: string): readonly Letter[] {
    return this.letters.filter(({ message }) => message.declaration.type === type);
  }

  /** To whom each request of a client to change something went, and which answers came, by its number for good. */
  get mutations(): readonly Mutation[] {
    const all = new Map<
      string,
      Mutation & { asked: Letter[]; answers: Letter[]; refusals: string[] }
    >();
    const numbers = new Map<string, string>();
    for (const letter of this.letters) {
      const { message, from, to } = letter;
      if (message instanceof MutateRequest) {
        const number = JSON.stringify(message.request);
        numbers.set(`${from} ${message.id}`, number);
        const known = all.get(number);
        if (known) known.asked.push(letter);
        else {
          const { key, operation } = message;
          const none = { answers: [], refusals: [] };
          all.set(number, { key: textOf(key), operation, asked: [letter], ...none });
        }
      } else if (message instanceof MutatedReply) {
        all.get(numbers.get(`${to ?? ''} ${message.id}`) ?? '')?.answers.push(letter);
      } else if (message instanceof RefusedReply) {
        all.get(numbers.get(`${to ?? ''} ${message.id}`) ?? '')?.refusals.push(message.code);
      }
    }
    return [...all.values()];
  }

  /** The requests on `key` that were asked more than once. */
  askedAgain(key: string): readonly Mutation[] {
    return this.mutations.filter((one) => one.key === key && one.asked.length > 1);
  }

  /** What clients were answered. */
  answersTo(key: string, operation: OperationAction['operation']): readonly Answered[] {
    return this.askings.flatMap(({ action, answer }) =>
      answer && action.key === key && action.operation === operation ? [answer] : [],
    );
  }

  /** The longest time in which no operation on `key` was answered with success, from the first such answer on. */
  longestWaitMs(key: string): number {
    const answers = this.askings.filter(
      ({ action, answer }) => action.key === key && answer?.status === 'ok',
    );
    const moments = answers.map(({ answer }) => answer?.atMs ?? 0);
    return Math.max(0, ...moments.slice(1).map((atMs, index) => atMs - (moments[index] ?? 0)));
  }

  watch(world: World): void {
    this.#world = world;
  }

  handled({ process, event, atMs }: Step): void {
    if (!(event instanceof NewView || event instanceof Evicted)) return;
    const { view } = event;
    // Several components of a process hear of it.
    if (this.#views.get(process) === view) return;
    this.#views.set(process, view);
    this.installations.push({ process, view, atMs, isOut: event instanceof Evicted });
  }

  sent({ from, to, message, atMs }: Sending): void {
    this.letters.push({ from: from.place, sender: from, to: to?.place, message, atMs });
  }

  asked(action: OperationAction): void {
    this.#running.set(action.client, { action, askedMs: this.#nowMs });
  }

  answered(place: string, answered: Answered): void {
    const asking = this.#running.get(place);
    this.#running.delete(place);
    if (asking) this.#over.push({ ...asking, answer: { ...answered, atMs: this.#nowMs } });
  }

  get #nowMs(): number {
    return this.#world?.nowMs ?? 0;
  }

  // They are in the script.
  readonly begins = ignore;
  readonly ends = ignore;
  readonly arrived = ignore;
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key).toString('latin1');
}
