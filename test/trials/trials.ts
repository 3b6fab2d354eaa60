import type { Store } from '@jbstore/client';
import { leadOf, positionOf } from '@jbstore/gms/port';
import type { Address } from '@jbstore/network/port';

import { eventually, jbstore } from '../processes/jbstore';
import { membersOf, type Nodes } from '../processes/nodes';
import { coordinator } from './coordinator';
import { cost } from './cost';
import type { Trial } from './perform';

const partitionMs = 60_000;

/** Runs a command of operators; fails with what it says if that cannot be done. */
async function operate(words: readonly string[], cluster: Nodes): Promise<void> {
  const { code, stderr } = await jbstore([...words, '--connect', cluster.places.join()]);
  if (code !== 0) throw new Error(`jbstore ${words.join(' ')} ended with ${code}: ${stderr}`);
}

/** All members of a cluster are replaced by new ones, one after the other. */
function replaceAll(nodes: number, replication: number): Trial {
  return {
    name: 'replace',
    about: `all of ${nodes} nodes are replaced by new ones, one after the other`,
    nodes,
    replication,
    async run({ cluster, store, tell }) {
      for (const old of [...cluster.places]) {
        tell(`${old} is replaced`);
        await cluster.replace(old);
        await cluster.endsWith(old, 0);
      }
      await cluster.settled(store);
      return undefined;
    },
  };
}

/** A cluster grows by so many nodes at once, and the first ones leave again, one after the other. */
function growAndShrink(nodes: number, replication: number, by: number): Trial {
  return {
    name: 'grow',
    about: `${nodes} nodes grow to ${nodes + by}, and leave again until ${nodes} are left`,
    nodes,
    replication,
    async run({ cluster, store, tell }) {
      const founders = [...cluster.places];
      tell(`${by} join`);
      await Promise.all(
        Array.from({ length: by }, (_, index) => cluster.join(founders[index % nodes])),
      );
      await cluster.settled(store);
      for (const leaver of cluster.places.slice(0, by)) {
        tell(`${leaver} leaves`);
        await operate(['leave', leaver], cluster);
        await cluster.endsWith(leaver, 0);
      }
      await cluster.settled(store);
      return undefined;
    },
  };
}

/** SIGKILL, of each whom `victims` names in turn; as many join, and take their places. */
function kill(
  about: string,
  nodes: number,
  replication: number,
  victims: readonly ((store: Store) => Promise<readonly string[]>)[],
): Trial {
  return {
    name: 'kill',
    about,
    nodes,
    replication,
    async run({ cluster, store, ledger, tell }) {
      for (const find of victims) {
        const dead = new Set(await find(store));
        tell(`${[...dead].join(' and ')}: killed`);
        await Promise.all([...dead].map((place) => cluster.kill(place)));
        await ledger.answered(1_000);
        await Promise.all([...dead].map(() => cluster.join()));
        await cluster.settled(store);
      }
      return undefined;
    },
  };
}

/** SIGSTOP for longer than the grace, then SIGCONT. */
function standStill(nodes: number, replication: number): Trial {
  return {
    name: 'pause',
    about: 'a node stands still until it is evicted, and goes on',
    nodes,
    replication,
    async run({ cluster, store, tell }) {
      const stopped = cluster.at(2);
      tell(`${stopped} stands still`);
      cluster.signal(stopped, 'SIGSTOP');
      await eventually('it is evicted', () => !membersOf(store).includes(stopped));
      tell(`${stopped} goes on`);
      cluster.signal(stopped, 'SIGCONT');
      await cluster.endsWith(stopped, 3);
      await cluster.settled(store);
      return undefined;
    },
  };
}

/** Two of five nodes are cut off from the others, but not from the clients. */
const partition: Trial = {
  name: 'partition',
  about: `two of five nodes are cut off from the others for ${partitionMs / 1_000} s`,
  nodes: 5,
  replication: 3,
  isPartitioned: true,
  async run({ cluster, store, network, tell }) {
    const side = cluster.places.slice(1, 3);
    tell(`${side.join(' and ')}: cut off`);
    network.cut(side);
    await new Promise((resolve) => setTimeout(resolve, partitionMs));
    tell('healed');
    network.heal();
    for (const place of side) {
      // With 0 if it heard that it is to leave before it heard that it is no member.
      if (!membersOf(store).includes(place)) await cluster.endsWith(place, 0, 3);
    }
    await cluster.settled(store);
    return undefined;
  },
};

function placeOf(address: Address): string {
  return address.slice(address.indexOf('@') + 1);
}

/** Who leads the slot of the first counter. */
function lead({ view }: Store): Promise<readonly string[]> {
  return Promise.resolve([placeOf(leadOf(view, positionOf(Buffer.from('counter/0'))))]);
}

/** Who proposes views. */
async function leader(store: Store): Promise<readonly string[]> {
  let found: Address | undefined;
  await eventually('somebody leads', async () => {
    found = (await store.status()).progress?.leader;
    return found !== undefined;
  });
  return found === undefined ? [] : [placeOf(found)];
}

async function both(store: Store): Promise<readonly string[]> {
  return [...(await lead(store)), ...(await leader(store))];
}

/** At full size, and long. */
export const trials: readonly Trial[] = [
  replaceAll(5, 3),
  growAndShrink(3, 3, 6),
  kill('the lead of a key, the leader, and both at once are killed', 7, 5, [lead, leader, both]),
  standStill(5, 3),
  partition,
  coordinator(200),
  cost,
];

/** The same, as small as it can be. */
export const smallTrials: readonly Trial[] = [
  replaceAll(3, 3),
  growAndShrink(3, 2, 2),
  kill('the lead of a key is killed', 4, 3, [lead]),
  standStill(4, 3),
];
