import { leadOf, positionOf } from '@jbstore/gms/port';

import type { Trial } from './perform';

/** How many increments are on their way when their coordinator dies. */
const increments = 16;
/** It is killed at some moment up to so long after they were asked for. */
const latestKillMs = 12;

/**
 * The node that coordinates increments of a key, as it leads its slot, is killed so many times, at a random moment after
 * they were asked for. The client retries them through the others. In the end the key counts each of them once.
 */
export function coordinator(times: number): Trial {
  return {
    name: 'coordinator',
    about: `the coordinator of increments is killed at ${times} random moments`,
    nodes: 5,
    replication: 3,
    async run({ cluster, store, client, tell }) {
      const sums = new Set<number>();
      const key = 'coordinated';
      for (let time = 1; time <= times; time += 1) {
        const lead = leadOf(store.view, positionOf(Buffer.from(key)));
        const place = lead.slice(lead.indexOf('@') + 1);
        tell(`${place} is killed, ${time} of ${times}`);
        {
          await using another = await client();
          const asked = Array.from({ length: increments }, () => another.increment(key));
          await new Promise((resolve) => setTimeout(resolve, Math.random() * latestKillMs));
          await cluster.kill(place);
          for (const sum of await Promise.all(asked)) {
            if (sums.has(sum)) throw new Error(`two increments were told ${sum}`);
            sums.add(sum);
          }
        }
        await cluster.replace(place);
        await cluster.settled(store);
      }
      const found = Number(await store.getText(key));
      if (found !== times * increments) {
        throw new Error(`${key} is ${found} after ${times * increments} increments`);
      }
      return { increments: `${found}, each once`, killed: `${times} coordinators` };
    },
  };
}
