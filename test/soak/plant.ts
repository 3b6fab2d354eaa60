import {
  Component,
  Kill,
  Start,
  Stop,
  KilledError,
  System,
  UnansweredError,
  DeadLetterError,
  ReplacementError,
  ComponentFault,
  type Context,
  type DeadLetter,
  type DeadLetterReason,
  type Control,
  type Host,
  type Random,
  type RequiredPort,
  type TreatedFault,
} from '@jbstore/core';

import { Account } from './account';
import { Lookup, Pulse, type Pacing } from './events';
import { Layout } from './layout';
import { openingsOf, type Opening } from './opening';
import type { Post } from './post';
import { isExpected, isOverflow } from './supervision';
import { Tide } from './tide';

/** How many events a component handles in its turn, and all of them in a task of the host. */
const fairness = { batchEvents: 64, sliceEvents: 512 };

/** Lends the driver a stream of chance, and an end to its command line. */
class Bystander extends Component {
  readonly chance: Random;

  constructor(context: Context) {
    super(context);
    this.chance = context.random('chaos');
  }
}

/** The system under load, and what the driver does to it. */
export class Plant {
  readonly account = new Account();
  readonly tide = new Tide();
  readonly layout = new Layout({ account: this.account, tide: this.tide });
  readonly openings: readonly Opening[];
  /** Where components work. */
  readonly posts: readonly Post[];
  readonly system: System;
  readonly random: Random;
  readonly #operator: RequiredPort<typeof Control>;
  #pacer: RequiredPort<typeof Pacing> | undefined;
  #pending = 0;

  constructor(host: Host, seed: string) {
    const { account, layout } = this;
    this.system = new System('plant', {
      host,
      seed,
      fairness,
      onFault: ({ message }) => {
        account.complain(`the system ended: ${message}`);
      },
    });
    this.system.deadLetters.subscribe((letter) => {
      account.letter(letter);
      this.#forget(letter);
    });
    this.system.faults.subscribe((treated) => {
      this.#treated(treated);
    });
    const bystander = this.system.create(Bystander);
    this.random = bystander.chance;
    this.#operator = this.system.clientOf(bystander.control);
    // The end of the command line is all that is needed of it.
    this.#operator.next(new Kill());
    this.openings = openingsOf(this.system, layout);
    this.posts = [...this.openings.map(({ post }) => post), ...layout.clerks];
    for (const { post } of this.openings) {
      post.onEnd(() => {
        for (const joint of layout.joints) joint.ended(post);
      });
    }
    for (const post of layout.sources) {
      post.onEnd(() => {
        layout.outside.lane('pulse').widen('all', -1);
      });
    }
  }

  /** Replacements and questions from outside that have not ended. */
  get pending(): number {
    return this.#pending;
  }

  /** Lets a component work at `opening`, where nobody does. */
  fill(opening: Opening): void {
    opening.create();
    const { post } = opening;
    for (const joint of this.layout.joints) joint.mend(this.random, post);
    const source = this.layout.sources.find((one) => one === post)?.component;
    if (!source) return;
    if (this.#pacer) source.pacing.connect(this.#pacer);
    else this.#pacer = this.system.clientOf(source.pacing);
    this.layout.outside.lane('pulse').widen('all', 1);
  }

  /** Lets each source make `burst` items. */
  pulse(burst: number): void {
    const lane = this.layout.outside.lane('pulse');
    this.#pacer?.next(new Pulse(lane, lane.send(), burst));
  }

  stop(post: Post): void {
    this.#command(post.component, new Stop());
    post.stopped = true;
  }

  start(post: Post): void {
    this.#command(post.component, new Start());
    post.stopped = false;
  }

  kill(post: Post): void {
    this.#command(post.component, new Kill());
  }

  replace({ post, replace }: Opening): void {
    post.replacing = true;
    this.#await(replace(this.random), (outcome) => {
      post.replacing = false;
      const replaced = outcome instanceof Component;
      this.account.did(replaced ? 'component replaced' : 'replacement ended with the component');
    });
  }

  /** Asks the vault, from outside. */
  ask(): void {
    const { outside, vault } = this.layout;
    const { account } = this;
    if (!vault.component || !vault.alive) return;
    const [onward, asks] = [outside.lane('onward'), outside.asks];
    const number = onward.send();
    asks.ask(number);
    const lookup = new Lookup(onward, number, asks, onward);
    const asked = this.system.ask(vault.component.vault, lookup, { timeoutMs: 20 });
    this.#await(asked, (outcome) => {
      if (outcome instanceof Error) {
        asks.end(number, 'unanswered');
        account.did('outside ask rejected');
      } else {
        outcome.lane.arrive(outcome.number, outside.number);
        asks.end(outcome.asked, 'answered');
        account.did('outside ask answered');
      }
    });
  }

  /** Commands `component`, and no other. */
  #command(component: Component | undefined, command: Start | Stop | Kill): void {
    const [channel] = component?.control.connect(this.#operator) ?? [];
    this.#operator.next(command);
    channel?.unsubscribe();
  }

  /** Tells `ended` how `promise` ended: by its value, or by an error that is no surprise. */
  #await<T>(promise: Promise<T>, ended: (outcome: T | Error) => void): void {
    this.#pending += 1;
    promise
      .catch((error: unknown) => {
        if (error instanceof Error && expected.some((type) => error instanceof type)) return error;
        throw error;
      })
      .then(ended)
      .catch((error: unknown) => {
        this.account.complain(String(error));
      })
      .finally(() => {
        this.#pending -= 1;
      });
  }

  /** An event at which a component failed is accounted for. */
  #forget({ event, port, reason }: DeadLetter): void {
    if (ways.includes(reason)) return;
    const path = port.slice(0, port.lastIndexOf('.'));
    for (const post of this.posts) if (post.path === path) post.forget(event);
  }

  #treated({ fault, decision }: TreatedFault): void {
    const { account } = this;
    account.did(`fault: ${decision}`);
    if (isOverflow(fault.cause)) account.did('mailbox too full for its owner');
    if (!isExpected(fault.cause)) account.complain(`${fault.message}: ${String(fault.cause)}`);
  }
}

/** How a replacement, or a question from outside, may end. */
const expected = [KilledError, UnansweredError, DeadLetterError, ReplacementError, ComponentFault];

/** Why an event did not even come to a component. */
const ways: readonly DeadLetterReason[] = ['unconnected', 'unhandled', 'unselected', 'answered'];
