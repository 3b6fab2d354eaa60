import { Lineage, Violation, keyOf, type Seen } from '../src/lineage';
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
