import type { Component, PortType, ProvidedPort, Random, RequiredPort } from '@jbstore/core';

import type { Account } from './account';
import type { Joint, JointPlan } from './joint';
import type { Post } from './post';
import { tapOn } from './tap';
import type { Way } from './way';

/** All channels between two layers. It knows at any moment how many ways an event takes here. */
export class ChannelJoint<
  P extends PortType,
  S extends Component,
  C extends Component,
> implements Joint {
  readonly #plan: JointPlan<P, S, C>;
  readonly #account: Account;
  readonly #ways: Way<P, S, C>[] = [];

  constructor(plan: JointPlan<P, S, C>, account: Account) {
    this.#plan = plan;
    this.#account = account;
  }

  get name(): string {
    return this.#plan.name;
  }

  get channels(): number {
    return this.#ways.length;
  }

  mend(random: Random, which?: Post | 'one'): boolean {
    const { clients, perClient } = this.#plan;
    let done = false;
    for (const client of random.shuffle(clients)) {
      if (typeof which === 'object' && client !== which) continue;
      while (this.#countAt(client) < perClient && this.#connect(client, random)) {
        done = true;
        if (which === 'one') return true;
      }
    }
    return done;
  }

  disconnect(random: Random): boolean {
    const way = this.#pick(random, () => true);
    if (!way) return false;
    way.channel.unsubscribe();
    this.#drop(way);
    return true;
  }

  hold(random: Random): boolean {
    const held = this.#ways.filter((way) => way.held).length;
    const way = this.#pick(random, (one) => !one.held);
    if (!way || held > this.#ways.length / 4) return false;
    way.held = true;
    if (random.int(4) === 0) way.channel.hold({ capacity: 1 + random.int(100) });
    else way.channel.hold();
    return true;
  }

  resume(random: Random): boolean {
    const way = this.#pick(
      random,
      ({ held, provider, client }) => held && provider !== 'free' && client !== 'free',
    );
    if (way) this.#resume(way);
    return way !== undefined;
  }

  unplug(random: Random): boolean {
    const way = this.#pick(
      random,
      ({ held, provider, client }) =>
        held && typeof provider === 'object' && typeof client === 'object',
    );
    if (!way) return false;
    const { provider, client, channel } = way;
    if (typeof provider !== 'object' || typeof client !== 'object') return false;
    const side = random.pick(['provider', 'client'] as const);
    if (side === 'provider') {
      channel.unplug(this.#providedAt(provider));
      this.#widen(provider, 'provider', way, -1);
      way.provider = 'free';
    } else {
      channel.unplug(this.#requiredAt(client));
      this.#widen(client, 'client', way, -1);
      way.client = 'free';
    }
    way.moved = true;
    return true;
  }

  plug(random: Random): boolean {
    const way = this.#pick(
      random,
      ({ held, provider, client }) =>
        held && (typeof provider !== 'object' || typeof client !== 'object'),
    );
    return way !== undefined && this.#plug(way, random);
  }

  tap(random: Random): boolean {
    const way = this.#pick(random, ({ untap }) => !untap);
    if (!way) return false;
    way.untap = tapOn(way.channel, this.name, this.#account);
    return true;
  }

  untap(random: Random): boolean {
    const way = this.#pick(random, ({ untap }) => untap !== undefined);
    way?.untap?.();
    if (way) way.untap = undefined;
    return way !== undefined;
  }

  settle(random: Random): void {
    for (const way of [...this.#ways]) {
      way.untap?.();
      way.untap = undefined;
      while (way.held && (way.provider === 'free' || way.client === 'free')) {
        if (this.#plug(way, random)) continue;
        way.channel.unsubscribe();
        this.#drop(way);
        break;
      }
      if (way.held && this.#ways.includes(way)) this.#resume(way);
    }
  }

  ended(post: Post): void {
    for (const way of [...this.#ways]) {
      const side = way.provider === post ? 'provider' : way.client === post ? 'client' : undefined;
      if (!side) continue;
      const other = side === 'provider' ? way.client : way.provider;
      if (!way.held || other === 'killed') {
        this.#drop(way);
        continue;
      }
      this.#account.did('component killed at a held channel');
      this.#widen(post, side, way, -1);
      way[side] = 'killed';
      way.moved = true;
    }
  }

  holdsAt(post: Post): boolean {
    return this.#ways.some(
      ({ held, provider, client }) => held && (provider === post || client === post),
    );
  }

  #pick(random: Random, suits: (way: Way<P, S, C>) => boolean): Way<P, S, C> | undefined {
    const ways = this.#ways.filter(suits);
    return ways.length > 0 ? random.pick(ways) : undefined;
  }

  #countAt(client: Post<C>): number {
    return this.#ways.filter((way) => way.client === client).length;
  }

  #connect(client: Post<C>, random: Random): boolean {
    if (!client.alive) return false;
    const { providers, select, connect } = this.#plan;
    const free = providers.filter((post) => post.alive && !this.#joined(post, client));
    if (free.length === 0) return false;
    const provider = random.pick(free);
    const selection = select?.(client, random) ?? 'all';
    const provided = this.#providedAt(provider);
    const required = this.#requiredAt(client);
    const [channel] = connect
      ? [connect(provided, required, selection)]
      : provided.connect(required);
    if (!channel) return false;
    const way: Way<P, S, C> = {
      channel,
      selection,
      provider,
      client,
      held: false,
      formerProviders: new Set([provider]),
      formerClients: new Set([client]),
      moved: false,
      untap: undefined,
    };
    this.#ways.push(way);
    this.#widen(provider, 'provider', way, 1);
    this.#widen(client, 'client', way, 1);
    return true;
  }

  #joined(provider: Post<S>, client: Post<C>): boolean {
    return this.#ways.some((way) => way.provider === provider && way.client === client);
  }

  #plug(way: Way<P, S, C>, random: Random): boolean {
    const { provider, client, channel } = way;
    if (typeof provider !== 'object') {
      const free = this.#plan.providers.filter(
        (post) => post.alive && !(typeof client === 'object' && this.#joined(post, client)),
      );
      if (free.length === 0) return false;
      const chosen = random.pick(free);
      channel.plug(this.#providedAt(chosen));
      way.provider = chosen;
      way.formerProviders.add(chosen);
      this.#widen(chosen, 'provider', way, 1);
      return true;
    }
    const free = this.#plan.clients.filter(
      (post) =>
        post.alive && !this.#joined(provider, post) && this.#countAt(post) < this.#plan.perClient,
    );
    if (free.length === 0 || typeof client === 'object') return false;
    const chosen = random.pick(free);
    channel.plug(this.#requiredAt(chosen));
    way.client = chosen;
    way.formerClients.add(chosen);
    this.#widen(chosen, 'client', way, 1);
    return true;
  }

  #resume(way: Way<P, S, C>): void {
    if (way.moved) this.#allowLeaps(way);
    const gone = way.provider === 'killed' || way.client === 'killed';
    way.channel.resume();
    if (gone) {
      this.#drop(way);
      return;
    }
    way.held = false;
    way.moved = false;
    const { provider, client } = way;
    way.formerProviders.clear();
    way.formerClients.clear();
    if (typeof provider === 'object') way.formerProviders.add(provider);
    if (typeof client === 'object') way.formerClients.add(client);
  }

  /** What waited in a channel that was moved may be older than what came by others. */
  #allowLeaps({ provider, client, formerProviders, formerClients }: Way<P, S, C>): void {
    const { requests, indications } = this.#plan;
    if (typeof provider === 'object') {
      for (const post of formerClients) {
        for (const kind of requests) post.lane(kind).allowLeap(provider.number);
      }
    }
    if (typeof client === 'object') {
      for (const post of formerProviders) {
        for (const kind of indications) post.lane(kind).allowLeap(client.number);
      }
    }
  }

  #drop(way: Way<P, S, C>): void {
    this.#ways.splice(this.#ways.indexOf(way), 1);
    if (typeof way.provider === 'object') this.#widen(way.provider, 'provider', way, -1);
    if (typeof way.client === 'object') this.#widen(way.client, 'client', way, -1);
  }

  /** An event that leaves `post` here goes one way more, or less. */
  #widen(
    post: Post,
    side: 'provider' | 'client',
    { selection }: Way<P, S, C>,
    change: 1 | -1,
  ): void {
    const { requests, indications } = this.#plan;
    if (side === 'provider') {
      for (const kind of indications) post.lane(kind).widen(selection, change);
    } else {
      for (const kind of requests) post.lane(kind).widen('all', change);
    }
  }

  #providedAt(post: Post<S>): ProvidedPort<P> {
    return this.#plan.provided(post.worker);
  }

  #requiredAt(post: Post<C>): RequiredPort<P> {
    return this.#plan.required(post.worker);
  }
}
