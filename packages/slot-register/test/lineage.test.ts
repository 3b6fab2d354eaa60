import { Address, type Message } from '@jbstore/network/port';

import { Lineage, Violation, keyOf, type Seen } from '../src/lineage';
import { Lineages } from '../src/lineages';
import {
  AcceptMessage,
  AcceptedMessage,
  PrepareMessage,
  SyncAckMessage,
  SyncMessage,
} from '../src/messages';
import { Results } from '../src/results';
import { requestId } from './cluster';

const session = requestId('s', 1, 20);
const incremented = { succeeded: true, version: 1, value: 1 };

function record(version: number, generationFloor: number, results: string): Seen {
  return { value: String(version), version, generationFloor, results };
}

const withIt = Results.pack([{ ...session, outcome: incremented }]);
const without = Results.pack([]);

function asked(): Lineage {
  const lineage = new Lineage();
  const operation = { kind: 'increment', by: 1 } as const;
  lineage.asked.set(keyOf(session), { id: session, operation, low: 0 });
  return lineage;
}

describe('I19: a request whose session had expired', () => {
  test('may turn out to have been executed before', () => {
    const lineage = asked();
    lineage.chosen(record(2, 30, without));
    lineage.refused(session);

    lineage.chosen(record(1, 10, withIt));

    expect([...lineage.outcomes.keys()]).toStrictEqual([keyOf(session)]);
  });

  test('is not executed after that', () => {
    const lineage = asked();
    lineage.refused(session);

    expect(() => {
      lineage.chosen(record(1, 10, withIt));
    }).toThrow(Violation);
  });

  test('is in no record that has forgotten its generation', () => {
    expect(() => {
      asked().chosen(record(1, 30, withIt));
    }).toThrow(Violation);
  });
});

describe('I9: what was chosen last before an epoch', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => Address.parse(`${name}@${name}:7000`)) as [
    Address,
    Address,
    Address,
  ];
  const register = 'x';
  const put = requestId('s', 1, 20);
  const results = Results.pack([{ ...put, outcome: { succeeded: true, version: 1 } }]);
  const held = { version: 1, generationFloor: 0, results };

  /** a has put a value; b brings the next epoch a tombstone above it, which nobody was seen to hold. */
  function begun() {
    const lineages = new Lineages(() => [a, b, c]);
    const sent = (source: Address, destination: Address, message: Message): void => {
      lineages.sent({ source, destination, message });
    };
    const operation = { kind: 'put', value: Buffer.from('v') } as const;
    lineages.of(register).asked.set(keyOf(put), { id: put, operation, low: 0 });
    const value = Buffer.from('v');
    sent(
      a,
      b,
      new AcceptMessage(b, { phase: 1, epoch: 1, register, ballot: 1, count: 1, value, ...held }),
    );
    sent(b, a, new AcceptedMessage(a, { phase: 1 }));

    const record = { value: null, ...held, version: 2 };
    const entries = [{ register, count: 0, record }];
    const floors = { generationFloor: 0, versionFloor: 0 };
    const chunk = {
      phase: 2,
      slot: 0,
      epoch: 2,
      ballot: 65_538,
      chunk: 0,
      isLast: true,
      ...floors,
      entries,
    };
    const stream = (to: Address): void => {
      sent(b, to, new SyncMessage(to, chunk));
    };
    const acknowledge = (from: Address): void => {
      sent(from, b, new SyncAckMessage(b, { phase: 2, chunk: 0, synced: true }));
    };
    return { lineages, stream, acknowledge };
  }

  test('is what a majority has acknowledged in chunks, though nobody was seen to accept it', () => {
    const { lineages, stream, acknowledge } = begun();
    for (const to of [a, b, c]) stream(to);

    acknowledge(b);
    expect(lineages.hasValueBefore(register, 3)).toBe(true);
    acknowledge(c);
    expect(lineages.hasValueBefore(register, 3)).toBe(false);
  });

  test('is not what one who may hold another record has acknowledged: it has prepared a higher ballot', () => {
    const { lineages, stream, acknowledge } = begun();
    for (const to of [a, b, c]) stream(to);
    const prepare = { phase: 3, epoch: 2, register, ballot: 131_075 };
    lineages.sent({ source: c, destination: a, message: new PrepareMessage(a, prepare) });

    acknowledge(b);
    acknowledge(c);
    expect(lineages.hasValueBefore(register, 3)).toBe(true);
  });
});
