import { z } from 'zod';

import { type Address } from './address';
import { message, type Lane, type Message } from './message';

/** What the suite sends: a number, and the lane in which it goes. */
export class Numbered extends message('network/Numbered', {
  from: z.string(),
  number: z.int().nonnegative(),
  lane_: z.enum(['normal', 'priority']),
}) {}

/** A process with the network under test. */
export interface LinkedProcess {
  readonly address: Address;
  send(message: Message): void;
  /** All that was delivered here so far, in order. */
  readonly received: readonly Message[];
}

/** What a provider sets up for the suite. */
export interface Links {
  /** At least two, each of which can reach the others. */
  readonly processes: readonly LinkedProcess[];
  /** Waits until `holds` does. Rejects if it takes too long. */
  until(holds: () => boolean): Promise<void>;
  /** Disturbs the links as much as they promise to endure: cuts connections, for one. */
  disturb(): void | Promise<void>;
  close(): Promise<void>;
}

/** As much of jest, or of another test runner, as the suite needs. */
export interface TestRunner {
  readonly test: (name: string, body: () => Promise<void>) => void;
  readonly expect: (actual: unknown) => { toEqual(expected: unknown): void };
}

const perRound = 200;
const rounds = 5;

/** The properties of perfect point-to-point links, for any provider of the Network port. */
export function perfectLinks(setUp: () => Promise<Links>, { test, expect }: TestRunner): void {
  const holds = (name: string, body: (links: Links) => Promise<void>): void => {
    test(name, async () => {
      const links = await setUp();
      try {
        await body(links);
      } finally {
        await links.close();
      }
    });
  };

  holds('PL1 reliable delivery: all that is sent is delivered', async (links) => {
    await exchange(links);

    for (const receiver of links.processes) {
      const delivered = new Set(receiver.received.map(described));
      expect(delivered).toEqual(new Set(sentTo(links).map(described)));
    }
  });

  holds('PL2 no duplication: nothing is delivered twice', async (links) => {
    await exchange(links);

    for (const { received } of links.processes) {
      expect(received.length).toEqual(new Set(received.map(described)).size);
    }
  });

  holds('PL3 no creation: the source of a message is who sent it', async (links) => {
    await exchange(links);

    for (const receiver of links.processes) {
      const forged = numbered(receiver).filter(
        ({ source, destination, from }) => from !== source || destination !== receiver.address,
      );
      expect(forged).toEqual([]);
    }
  });

  holds('FIFO: what goes in one lane is delivered in the order of sending', async (links) => {
    await exchange(links);

    for (const receiver of links.processes) {
      for (const { address } of links.processes) {
        for (const lane of ['normal', 'priority'] as const) {
          const numbers = numbered(receiver)
            .filter((received) => received.source === address && received.lane === lane)
            .map((received) => received.number);
          expect(numbers).toEqual([...numbers].sort((one, other) => one - other));
        }
      }
    }
  });
}

/** Everybody sends to everybody, itself included, in both lanes, while the links are disturbed. */
async function exchange(links: Links): Promise<void> {
  const { processes } = links;
  for (let round = 0; round < rounds; round += 1) {
    for (const sender of processes) {
      for (const { address } of processes) {
        for (const sent of batch(sender.address, address, round)) sender.send(sent);
      }
    }
    const enough = (processes.length * perRound * (2 * round + 1)) / 2;
    await links.until(() => processes.every(({ received }) => received.length >= enough));
    await links.disturb();
  }
  const all = processes.length * perRound * rounds;
  await links.until(() => processes.every(({ received }) => received.length >= all));
}

function batch(from: Address, to: Address, round: number): readonly Numbered[] {
  return Array.from({ length: perRound }, (_, index) => {
    const lane: Lane = index % 4 === 0 ? 'priority' : 'normal';
    const number = round * perRound + index;
    return new Numbered(to, { from, number, lane_: lane }, { lane });
  });
}

/** What each process should get from all. */
function sentTo({ processes }: Links): readonly Numbered[] {
  return processes.flatMap(({ address }) =>
    Array.from({ length: rounds }, (_, round) => batch(address, address, round)).flat(),
  );
}

function numbered({ received }: LinkedProcess): readonly Numbered[] {
  return received.filter((candidate): candidate is Numbered => candidate instanceof Numbered);
}

function described(received: Message): string {
  if (!(received instanceof Numbered)) return 'something else';
  return `${received.from} ${received.number} ${received.lane_}`;
}
