import type { Random, RequiredPort } from '@jbstore/core';
import { formerGroupOf, leadOf, rangeOf, type View } from '@jbstore/gms/port';
import type { Address } from '@jbstore/network/port';
import { Get } from '@jbstore/store/port';

import type { Call } from './call';
import { Glance } from './glance';
import { Lost, Reached, SuspicionsLearned, type Cluster } from './port';

/** Of members around a key, the nearest first. */
const circles = 5;

/** Which members are worth asking. Only hints: nothing that is promised depends on them. */
export class Members {
  readonly #reached = new Set<Address>();
  readonly #silent = new Set<Address>();
  readonly #heardMs = new Map<Address, number>();
  #suspicions: ReadonlyMap<Address, number> = new Map();
  /** The majorities of a group that are worth asking; found anew when that may have changed. */
  #majorities = new WeakMap<readonly Address[], readonly (readonly Address[])[]>();

  constructor(cluster: RequiredPort<typeof Cluster>) {
    cluster.upon(SuspicionsLearned, ({ suspicions }) => {
      this.#suspicions = suspicions;
      this.#forgetMajorities();
    });

    cluster.upon(Reached, ({ process }) => {
      this.#reached.add(process);
      this.#silent.delete(process);
      this.#forgetMajorities();
    });

    cluster.upon(Lost, ({ process }) => {
      this.#reached.delete(process);
      this.#forgetMajorities();
    });
  }

  /** It let a request wait for too long. Returns false if that was known. */
  silence(member: Address): boolean {
    if (this.#silent.has(member)) return false;
    this.#silent.add(member);
    this.#forgetMajorities();
    return true;
  }

  /** It has answered a request, in the time of the front end. */
  hear(member: Address, nowMs: number): void {
    this.#heardMs.set(member, nowMs);
    if (this.#silent.size > 0 && this.#silent.delete(member)) this.#forgetMajorities();
  }

  /** It has answered some request since then: it may be slow, but it is there. */
  wasHeardSince(member: Address, sinceMs: number): boolean {
    return (this.#heardMs.get(member) ?? -Infinity) > sinceMs;
  }

  /**
   * The member of `view` to ask next for `call`; undefined if there is none for now.
   *
   * When those have not answered that nobody suspects, the others of the group are asked, and then the group
   * before. They may be on the other side of a cut, with a majority of a group: there they serve in the epoch that
   * they know, as without a council they hear of no later one. To ask them is safe, and so it is to ask both sides:
   * whoever performs a request has a majority of one epoch of the slot, and the next epoch is not served before a
   * majority of this one is sealed.
   */
  choose(call: Call, view: View, random: Random): Address | undefined {
    for (let circle = 0; circle < circles; circle += 1) {
      const members = this.#circle(circle, call, view);
      const isFresh = (member: Address): boolean => !call.asked.includes(member);
      const fresh = call.asked.length === 0 ? members : members.filter(isFresh);
      if (fresh.length > 0) return random.pick(this.#worthAsking(fresh));
    }
    if (call.asked.length === 0) return undefined;
    call.asked.length = 0;
    return this.choose(call, view, random);
  }

  /** The first attempt at a get, if so many of its group will most likely answer; a random one of them says all. */
  glance({ wasSent, request, position }: Call, view: View, random: Random): Glance | undefined {
    if (wasSent || !(request instanceof Get) || view.register !== 'exactly-once') return undefined;
    const { group, run } = rangeOf(view, position);
    let majorities = this.#majorities.get(group);
    if (!majorities) this.#majorities.set(group, (majorities = this.#majoritiesOf(group)));
    return majorities.length === 0 ? undefined : new Glance(random.pick(majorities), run.epoch);
  }

  /** None, if too few of `group` will most likely answer; else as many as those, each with another one first. */
  #majoritiesOf(group: readonly Address[]): readonly (readonly Address[])[] {
    const there = this.#promising(group);
    const needed = Math.floor(group.length / 2) + 1;
    if (there.length < needed) return [];
    return there.map((_, first) =>
      [...there.slice(first), ...there.slice(0, first)].slice(0, needed),
    );
  }

  #forgetMajorities(): void {
    this.#majorities = new WeakMap();
  }

  /** Whom to ask, one circle after the other. Any member sees to it that a mutation is performed. */
  #circle(circle: number, call: Call, view: View): readonly Address[] {
    const group = call.candidates(view);
    if (!call.repeatable) return circle === 0 ? this.#worthTrusting(group) : [];
    switch (circle) {
      case 0:
        return call.ticket ? this.#leading(group, leadOf(view, call.position)) : [];
      case 1:
        return call.ticket ? this.#promising(group) : [];
      case 2:
        return group;
      case 3:
        return formerGroupOf(view, call.position);
      default:
        return call.ticket ? this.#worthAsking(servingIn(view)) : [];
    }
  }

  #leading(group: readonly Address[], lead: Address): readonly Address[] {
    return this.#promising(group).includes(lead) ? [lead] : [];
  }

  /** Those of `group` that were reached and will most likely answer; of all, if none was reached. */
  #promising(group: readonly Address[]): readonly Address[] {
    const isReached = (member: Address): boolean => this.#reached.has(member);
    if (group.every(isReached)) return this.#worthAsking(group);
    const there = group.filter(isReached);
    return this.#worthAsking(there.length > 0 ? there : group);
  }

  /**
   * Those of `members` to which a request may go that must not be performed twice: they have answered
   * since they were connected, and of late, and of these the fewest members suspect them.
   *
   * To ask the least suspected, and not only those whom nobody suspects, lets puts pass when one
   * member has lost the others and suspects all of them.
   */
  #worthTrusting(members: readonly Address[]): readonly Address[] {
    const answering = members.filter(
      (member) => this.#reached.has(member) && !this.#silent.has(member),
    );
    return this.#leastSuspected(answering);
  }

  /** Those of `members` that will most likely answer; all, if none stands out. */
  #worthAsking(members: readonly Address[]): readonly Address[] {
    if (this.#silent.size === 0) return this.#leastSuspected(members);
    const answering = members.filter((member) => !this.#silent.has(member));
    return this.#leastSuspected(answering.length > 0 ? answering : members);
  }

  #leastSuspected(members: readonly Address[]): readonly Address[] {
    if (this.#suspicions.size === 0) return members;
    const suspicionsOf = (member: Address): number => this.#suspicions.get(member) ?? 0;
    const least = Math.min(...members.map(suspicionsOf));
    return members.filter((member) => suspicionsOf(member) === least);
  }
}

/** The members of `view` that serve requests. */
export function servingIn({ members }: View): readonly Address[] {
  return members.filter(({ state }) => state !== 'evicted').map(({ address }) => address);
}
