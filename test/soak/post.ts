import type { Component, Directive, PortEvent, Supervision } from '@jbstore/core';

import type { Account } from './account';
import type { Asks } from './asks';
import type { Lane } from './lane';
import type { Tide } from './tide';

/** What a post shares with the others. */
export interface World {
  readonly account: Account;
  readonly tide: Tide;
}

/** A fault that was planned: what is to be done about it, and how often it comes. */
interface Plan {
  readonly directive: Directive;
  times: number;
}

/** Where an event stands in the books. */
interface Sent {
  readonly lane: Lane;
  readonly number: number;
}

/** The cause of a fault that was planned. */
export class PlannedFault extends Error {
  constructor(readonly directive: Directive) {
    super(`planned: ${directive}`);
  }
}

/** What one component hands over to the next: how many events it has handled. Used once. */
export class HandOver {
  used = false;

  /** @param instance - which one of its post hands over */
  constructor(
    readonly instance: number,
    readonly handled: number,
  ) {}
}

/** A place in the plant, where one component after the other works. It keeps what outlasts them. */
export class Post<C extends Component = Component> {
  readonly #lanes = new Map<string, Lane>();
  /**
   * Events at which a handler threw, and how often, until they are handled, or are dead letters. One that
   * comes by two channels, of which one was held and moved, is taken twice and may fail twice.
   */
  readonly #thrown = new Map<PortEvent, { readonly sent: Sent | undefined; times: number }>();
  readonly #endings: (() => void)[] = [];
  #component: C | undefined;
  #path: string | undefined;
  /** How many cells were made for this post. */
  #tenancy = 0;
  #asks: Asks | undefined;
  #plan: Plan | undefined;
  #disturbed = false;
  #instances = 0;
  /** What the instance that works here now has handled, with what was handed over to it. */
  #handled = 0;
  alive = false;
  stopped = false;
  replacing = false;

  /**
   * @param number - tells it apart from all others in the books
   * @param settlement - what becomes of an event at which the component fails
   * @param above - the post whose component creates the one that works here
   */
  constructor(
    readonly name: string,
    readonly number: number,
    readonly world: World,
    readonly settlement: NonNullable<Supervision['event']>,
    readonly above?: Post,
  ) {}

  /** An event may be skipped that failed here. */
  get skips(): boolean {
    return this.settlement === 'skip' || (this.above?.skips ?? false);
  }

  get component(): C | undefined {
    return this.#component;
  }

  /** The same, where somebody must have worked. */
  get worker(): C {
    if (!this.#component) throw new Error(`nobody has worked at ${this.name}`);
    return this.#component;
  }

  /** Where it stands in the tree of components. */
  get path(): string | undefined {
    return this.#path;
  }

  get asks(): Asks {
    return (this.#asks ??= this.world.account.asksOf(this.name));
  }

  /** What this place sends of one kind. */
  lane(kind: string): Lane {
    let lane = this.#lanes.get(kind);
    if (!lane) {
      lane = this.world.account.lane(kind, this.name);
      this.#lanes.set(kind, lane);
    }
    return lane;
  }

  /** The component of a new cell works here, until it is killed. */
  occupy(component: C): void {
    const tenancy = (this.#tenancy += 1);
    this.alive = true;
    this.stopped = false;
    component.control.subscribe({
      complete: () => {
        if (this.#tenancy === tenancy) this.#vacate();
      },
    });
  }

  /** Runs `ending` whenever the component that works here is killed. */
  onEnd(ending: () => void): void {
    this.#endings.push(ending);
  }

  /** An instance begins to work here, of the same cell as the last or of another; returns its number. */
  begin(component: C, path: string, handOver: HandOver | undefined): number {
    this.#component = component;
    this.#path = path;
    const latest = this.#instances;
    this.#instances += 1;
    // After a restart that failed it is the one before who hands over.
    if (handOver?.instance === latest && !handOver.used && handOver.handled !== this.#handled) {
      const books = `${handOver.handled} for ${this.#handled}`;
      this.world.account.complain(`${this.name} handed over another count: ${books}`);
    }
    this.#handled = handledBefore(handOver);
    return this.#instances;
  }

  /** `event`, the `number`th of `lane`, is handled here. @throws {@link PlannedFault} */
  take(event: PortEvent, lane: Lane, number: number): void {
    if (this.#disturbed) this.disturb(event, { lane, number });
    lane.arrive(number, this.number);
    this.#handled += 1;
  }

  /** Runs into what was planned. @throws {@link PlannedFault} */
  disturb(event: PortEvent, sent?: Sent): void {
    const plan = this.#plan;
    if (plan) {
      plan.times -= 1;
      if (plan.times === 0) this.#plan = undefined;
      const thrown = this.#thrown.get(event);
      if (!thrown) this.#thrown.set(event, { sent, times: 1 });
      else if (this.settlement === 'skip') thrown.times += 1; // It did not come again for a retry.
      throw new PlannedFault(plan.directive);
    }
    // What was skipped may come by another way, but not again.
    if (this.settlement !== 'skip' && this.#withdraw(event)) {
      this.world.account.did('event retried');
    }
    this.#disturbed = this.#thrown.size > 0;
  }

  /** The next `times` events that come here make the component fail. */
  plan(directive: Directive, times: number): void {
    this.#plan = { directive, times };
    this.#disturbed = true;
  }

  get planned(): boolean {
    return this.#plan !== undefined;
  }

  /** An event that had come here is a dead letter. */
  forget(event: PortEvent): void {
    this.#withdraw(event);
  }

  /** Nothing is under way: what a handler threw at and is not accounted for was skipped. */
  settle(): void {
    this.#plan = undefined;
    this.#disturbed = false;
    for (const [event, { sent, times }] of this.#thrown) {
      if (this.skips) {
        sent?.lane.skipped.add(sent.number, times);
        for (let time = 0; time < times; time += 1) this.world.account.skip(event);
      } else {
        this.world.account.complain(`${this.name} failed at ${event.type}, which is gone`);
      }
    }
    this.#thrown.clear();
  }

  /** One failure at `event` is accounted for; returns whether there was one. */
  #withdraw(event: PortEvent): boolean {
    const thrown = this.#thrown.get(event);
    if (!thrown) return false;
    thrown.times -= 1;
    if (thrown.times === 0) this.#thrown.delete(event);
    return true;
  }

  #vacate(): void {
    this.alive = false;
    this.replacing = false;
    this.#asks?.abandon();
    for (const ending of this.#endings) ending();
  }
}

/** What is made anew after a replacement is made with the same, and begins at nothing. */
export function handledBefore(handOver: HandOver | undefined): number {
  return handOver === undefined || handOver.used ? 0 : handOver.handled;
}
