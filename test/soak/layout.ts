import type { Component } from '@jbstore/core';

import type { Account } from './account';
import { byKey, type Intake, type Item } from './events';
import { ChannelJoint } from './channel-joint';
import type { Joint } from './joint';
import { isSampled, keys } from './lane';
import { Post, type World } from './post';
import type {
  Broker,
  Carrier,
  Clerk,
  Collector,
  Feeder,
  Harbour,
  Sink,
  Source,
  Splitter,
  Vault,
} from './stages';

const settlements = ['dead-letter', 'retry', 'skip'] as const;

/**
 * The posts of the plant, and where its layers meet:
 *
 * sources and a harbour → splitters → carriers, some with a clerk → collectors → sinks,
 * and collectors ⇄ brokers ⇄ a vault.
 */
export class Layout {
  /** The program outside, which sends pulses and asks the vault. */
  readonly outside: Post;
  readonly sources: readonly Post<Source>[];
  readonly harbour: Post<Harbour>;
  readonly splitters: readonly Post<Splitter>[];
  readonly carriers: readonly Post<Carrier>[];
  /** One for each carrier. */
  readonly clerks: readonly Post<Clerk>[];
  readonly collectors: readonly Post<Collector>[];
  readonly sinks: readonly Post<Sink>[];
  readonly brokers: readonly Post<Broker>[];
  readonly vault: Post<Vault>;
  readonly joints: readonly Joint[];
  readonly #world: World;
  #posts = 0;

  constructor(world: World) {
    this.#world = world;
    this.outside = this.#post('outside');
    this.sources = this.#several('source', 3);
    this.harbour = this.#post('harbour');
    this.splitters = this.#several('splitter', 3);
    this.carriers = this.#several('carrier', 8);
    this.clerks = this.carriers.map((carrier) => this.#post(`clerk of ${carrier.name}`, carrier));
    this.collectors = this.#several('collector', 3);
    this.sinks = this.#several('sink', 2);
    this.brokers = this.#several('broker', 2);
    this.vault = this.#post('vault');
    this.joints = this.#join();
  }

  #post<C extends Component>(name: string, above?: Post): Post<C> {
    const number = (this.#posts += 1);
    const settlement = settlements[number % settlements.length] ?? 'retry';
    return new Post(name, number, this.#world, settlement, above);
  }

  #several<C extends Component>(name: string, count: number): readonly Post<C>[] {
    return Array.from({ length: count }, (_, index) => this.#post(`${name} ${index + 1}`));
  }

  #join(): readonly Joint[] {
    const { account } = this.#world;
    return [
      this.#intake(account),
      this.#sorted(account),
      new ChannelJoint(
        {
          name: 'deposit',
          providers: this.collectors,
          clients: this.carriers,
          provided: ({ deposit }) => deposit,
          required: ({ deposit }) => deposit,
          requests: ['deposit'],
          indications: ['receipt'],
          perClient: 1,
        },
        account,
      ),
      new ChannelJoint(
        {
          name: 'outflow',
          providers: this.collectors,
          clients: this.sinks,
          provided: ({ outflow }) => outflow,
          required: ({ outflow }) => outflow,
          requests: [],
          indications: ['outflow'],
          perClient: this.collectors.length,
        },
        account,
      ),
      ...this.#archive(account),
    ];
  }

  #intake(account: Account): Joint {
    return new ChannelJoint<typeof Intake, Splitter, Feeder>(
      {
        name: 'intake',
        providers: this.splitters,
        clients: [...this.sources, this.harbour],
        provided: ({ intake }) => intake,
        required: ({ intake }) => intake,
        requests: ['item', 'notice'],
        indications: [],
        perClient: 1,
      },
      account,
    );
  }

  /** Each carrier takes the items of one key from each splitter, and some take samples. */
  #sorted(account: Account): Joint {
    return new ChannelJoint(
      {
        name: 'sorted',
        providers: this.splitters,
        clients: this.carriers,
        provided: ({ sorted }: Splitter) => sorted,
        required: ({ sorted }: Carrier) => sorted,
        requests: [],
        indications: ['sorted'],
        perClient: this.splitters.length,
        select: (client, random) => {
          const index = this.carriers.indexOf(client);
          if (index < keys) return { key: random.int(8) === 0 ? random.int(keys) : index };
          return index === keys ? 'sample' : { key: random.int(keys) };
        },
        connect: (provided, required, selection) => {
          if (selection === 'all') return provided.connect(required)[0];
          const indications =
            selection === 'sample'
              ? ({ number }: Item): boolean => isSampled(number)
              : byKey.is(selection.key);
          return provided.connectBy(required, { indications });
        },
      },
      account,
    );
  }

  #archive(account: Account): readonly Joint[] {
    return [
      new ChannelJoint(
        {
          name: 'archive',
          providers: this.brokers,
          clients: this.collectors,
          provided: ({ archive }) => archive,
          required: ({ archive }) => archive,
          requests: ['lookup'],
          indications: [],
          perClient: 1,
        },
        account,
      ),
      new ChannelJoint(
        {
          name: 'below',
          providers: [this.vault],
          clients: this.brokers,
          provided: ({ vault }) => vault,
          required: ({ below }) => below,
          // A broker hands on what bears the numbers of another.
          requests: [],
          indications: [],
          perClient: 1,
        },
        account,
      ),
    ];
  }
}
