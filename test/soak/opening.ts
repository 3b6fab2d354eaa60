import type { Component, ComponentClass, CreationOptions, Random, System } from '@jbstore/core';

import type { Layout } from './layout';
import type { HandOver, Post } from './post';
import {
  Broker,
  Collector,
  Harbour,
  Sink,
  Source,
  Splitter,
  Station,
  Vault,
  Worker,
  type Carrier,
  type Clerk,
  type Stage,
} from './stages';
import { supervisionOf } from './supervision';

/** A post at the top of the plant, and how components come to work there. */
export interface Opening {
  readonly post: Post;
  /** Lets a first component, or one after a killed one, work there. */
  readonly create: () => void;
  /** Puts a new component in the place of the one that works there. */
  readonly replace: (random: Random) => Promise<Component>;
}

/** What a stage is made with: its post, and what it takes over. */
type Making = [post: Post, handOver?: HandOver];

/** Some mailboxes are bounded, by each policy. */
const mailboxes: Readonly<Record<string, CreationOptions['mailbox']>> = {
  'splitter 1': { capacity: 1_000, overflow: 'drop-newest' },
  'splitter 2': { capacity: 500, overflow: 'fault' },
  'carrier 2': { capacity: 200, overflow: 'drop-oldest' },
  'carrier 5': { capacity: 300, overflow: 'drop-newest' },
  'carrier 6': { capacity: 60, overflow: 'fault' },
  'collector 2': { capacity: 1_000, overflow: 'drop-oldest' },
  'sink 1': { capacity: 1_000, overflow: 'drop-oldest' },
  vault: { capacity: 100, overflow: 'drop-newest' },
};

/** All of the plant, from the first layer on. */
export function openingsOf(system: System, layout: Layout): readonly Opening[] {
  const { sources, harbour, splitters, carriers, clerks, collectors, sinks, brokers } = layout;
  return [
    ...sources.map((post) => openingFor(system, post, Source)),
    openingFor(system, harbour, Harbour),
    ...splitters.map((post) => openingFor(system, post, Splitter)),
    ...carriers.flatMap((post, index) => {
      const clerk = clerks[index];
      return clerk ? [carrierOpening(system, post, clerk)] : [];
    }),
    ...collectors.map((post) => openingFor(system, post, Collector)),
    ...sinks.map((post) => openingFor(system, post, Sink)),
    ...brokers.map((post) => openingFor(system, post, Broker)),
    openingFor(system, layout.vault, Vault),
  ];
}

function openingFor<C extends Stage>(
  system: System,
  post: Post<C>,
  type: ComponentClass<C, Making>,
): Opening {
  return {
    post,
    create: () => {
      post.occupy(system.createWith(optionsOf(post), type, post));
    },
    replace: () => system.replace(post.worker, type, (handOver): Making => [post, handOver]),
  };
}

/** A carrier is replaced by one that works by itself or by one with a clerk, as it comes. */
function carrierOpening(system: System, post: Post<Carrier>, clerk: Post<Clerk>): Opening {
  return {
    post,
    create: () => {
      const type = post.number % 2 === 0 ? Station : Worker;
      post.occupy(
        system.createWith<Carrier, [Post, Post<Clerk>]>(optionsOf(post), type, post, clerk),
      );
    },
    replace: (random) => {
      const type = random.pick([Station, Worker]);
      return system.replace<Carrier, Carrier, [Post, Post<Clerk>, HandOver]>(
        post.worker,
        type,
        (handOver) => [post, clerk, handOver],
      );
    },
  };
}

function optionsOf(post: Post): CreationOptions {
  const mailbox = mailboxes[post.name];
  return { supervision: supervisionOf(post), ...(mailbox && { mailbox }) };
}
