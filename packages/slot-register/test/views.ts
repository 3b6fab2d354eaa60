import { type Random } from '@jbstore/core';
import { type View } from '@jbstore/gms/port';
import { type Address } from '@jbstore/network/port';

import { viewAfter, type Cluster, type Member } from './cluster';

/**
 * Makes views at random, by the rules for them: a slot changes only when it is settled (V3), by one member, or less
 * than half of the group, at a time (V2); its lead was in the group before, if chance does not say otherwise (V8).
 */
export class Views {
  readonly all: View[];
  readonly #cluster: Cluster;
  readonly #random: Random;
  readonly #addresses: readonly Address[];

  constructor(cluster: Cluster, random: Random) {
    this.#cluster = cluster;
    this.#random = random;
    this.all = [cluster.view];
    this.#addresses = cluster.view.members.map(({ address }) => address);
  }

  get newest(): View {
    return this.all.at(-1) ?? this.#cluster.view;
  }

  groupOf(epoch: number): readonly Address[] {
    return namesIn(this.all[epoch - 1] ?? this.newest).flatMap((name) => this.#addressOf(name));
  }

  #addressOf(name: string): Address[] {
    return this.#addresses.filter((address) => address.startsWith(name));
  }

  #living(): readonly string[] {
    return this.#cluster.members.map(({ self }) => self.charAt(0));
  }

  /** The members of the newest group that are synced in its epoch, in all slots. */
  #synced(): readonly Member[] {
    const { number, slotCount, runs } = this.newest;
    const group = this.groupOf(number);
    return this.#cluster.members.filter(({ self, synced }) => {
      if (!group.includes(self)) return false;
      if (!runs[0]?.previous) return true;
      return synced.filter(({ epoch }) => epoch === number).length === slotCount;
    });
  }

  /** A majority of the newest group is synced, or was when it crashed. */
  settledAt = 1;

  get isSettled(): boolean {
    if (this.settledAt === this.newest.number) return true;
    const isSettled = 2 * this.#synced().length > namesIn(this.newest).length;
    if (isSettled) this.settledAt = this.newest.number;
    return isSettled;
  }

  get isSynced(): boolean {
    const living = this.#living();
    return (
      this.#synced().length === namesIn(this.newest).filter((name) => living.includes(name)).length
    );
  }

  /** True if a majority of all the groups that matter lives. */
  get isAlive(): boolean {
    const [run] = this.newest.runs;
    const previous = run?.previous && !this.isSettled ? this.groupOf(run.previous.epoch) : [];
    const living = (group: readonly Address[]): boolean =>
      2 * this.#cluster.members.filter(({ self }) => group.includes(self)).length > group.length;
    return living(this.groupOf(this.newest.number)) && (previous.length === 0 || living(previous));
  }

  /** Another view, if the rules allow one. */
  change(): void {
    if (!this.isSettled) return;
    const names = namesIn(this.newest);
    const spare = this.#living().filter((name) => !names.includes(name));
    const dead = names.filter((name) => !this.#living().includes(name));
    const kept = new Set(names);
    const mostNew = Math.max(1, Math.floor((names.length - 1) / 2));
    const news = this.#random.int(4) === 0 ? 0 : 1 + this.#random.int(mostNew);
    for (const name of this.#random.shuffle(spare).slice(0, news)) {
      const leaving =
        dead.find((one) => kept.has(one)) ??
        this.#random.pick([...kept].filter((one) => names.includes(one)));
      kept.delete(leaving);
      kept.add(name);
    }
    const group = this.#random.shuffle([...kept]);
    const lead = group.find((name) => names.includes(name) && !dead.includes(name));
    if (lead !== undefined && this.#random.int(10) > 0) {
      group.splice(group.indexOf(lead), 1);
      group.unshift(lead);
    }
    this.all.push(viewAfter(this.newest, group.join('')));
  }

  /** Some process hears of some view, or that the slots are settled, or nothing. */
  tell(): void {
    const member = this.#random.pick(this.#cluster.members);
    if (this.#random.int(3) > 0) this.tellNewest(member);
    else if (this.isSettled) this.settle(member);
  }

  tellNewest(member: Member): void {
    if (member.view !== this.newest) member.install(this.newest);
    this.#cluster.settle();
  }

  settle(member: Member): void {
    const { number, slotCount } = this.newest;
    if (member.view !== this.newest) return;
    for (let slot = 0; slot < slotCount; slot += 1) member.settle(slot, number);
    this.#cluster.settle();
  }
}

function namesIn({ runs }: View): string[] {
  return (runs[0]?.group ?? []).map((index) => String.fromCharCode(96 + index));
}
