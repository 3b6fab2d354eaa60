import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  check,
  modelNamed,
  readHistory,
  readJsonLines,
  type Operation,
} from '@jbstore/linearizability';

const shared = join(__dirname, '..', '..', '..', '..', 'shared');
const histories = join(shared, 'histories');
const traps = join(shared, 'traps');

function table(file: string): readonly (readonly string[])[] {
  const [, ...rows] = readFileSync(file, 'utf8').trim().split('\n');
  return rows.map((row) => row.split('\t'));
}

const describeIf = existsSync(join(histories, 'verdicts.tsv')) ? describe : describe.skip;

describeIf('histories of real systems in ../shared/histories', () => {
  test.each(['search', 'auto'] as const)('have their verdicts by %s', (algorithm) => {
    const rows = table(join(histories, 'verdicts.tsv'));
    const wrong = rows.filter(([file = '', model = '', verdict]) => {
      const history = readJsonLines(readFileSync(join(histories, file), 'utf8'));
      const found = check(history, modelNamed(model), { algorithm });
      return found.verdict !== (verdict === 'ok' ? 'linearizable' : 'not linearizable');
    });

    expect(wrong).toStrictEqual([]);
    expect(rows.length).toBe(139);
  });
});

describeIf('histories of real systems in ../shared/histories/raw', () => {
  test('are recognised, and are those of their JSON lines', () => {
    const kinds = [
      ['etcd', 'porcupine-jepsen-etcd__', /\.log$/],
      ['kv', 'porcupine-kv__', /\.txt$/],
    ] as const;
    const files = kinds.flatMap(([folder, prefix, ending]) =>
      readdirSync(join(histories, 'raw', folder)).map((name) => ({
        raw: join(histories, 'raw', folder, name),
        lines: join(histories, 'jsonl', `${prefix}${name.replace(ending, '.jsonl')}`),
      })),
    );
    for (const { raw, lines } of files) {
      const { model, operations } = readHistory(readFileSync(raw, 'utf8'));
      const same = readJsonLines(readFileSync(lines, 'utf8'));
      const actions = (history: readonly Operation[]) =>
        // A read that timed out has failed here, and is unknown there; either way it says nothing.
        [...history]
          .filter(({ op, status }) => op !== 'read' || status === 'ok')
          .sort((a, b) => a.call - b.call)
          .map((operation) => ({ ...operation, call: 0, return: operation.return && 1 }));
      const verdict = check(operations, modelNamed(model)).verdict;

      expect(actions(operations)).toStrictEqual(actions(same));
      expect({ raw, verdict }).toStrictEqual({
        raw,
        verdict: check(same, modelNamed(model)).verdict,
      });
    }
    expect(files).toHaveLength(14);
  });

  test('the hardest log of etcd takes few configurations', () => {
    const text = readFileSync(join(histories, 'raw', 'etcd', 'etcd_002.log'), 'utf8');
    const { operations } = readHistory(text);
    const model = modelNamed('cas-register(nil)/porcupine-semantics');

    const { verdict, configurations } = check(operations, model, { algorithm: 'search' });

    expect(verdict).toBe('linearizable');
    expect(configurations).toBeLessThan(1_000);
  });
});

describeIf('re-enacted traps in ../shared/traps', () => {
  test.each(['search', 'zones'] as const)('have their verdicts by %s', (algorithm) => {
    const rows = table(join(traps, 'traps.tsv'));
    const wrong = rows.filter(([trap = '', variant = '', expected]) => {
      const text = readFileSync(join(traps, `${trap}.${variant}.jsonl`), 'utf8');
      return check(readJsonLines(text), modelNamed('kv'), { algorithm }).verdict !== expected;
    });

    expect(wrong).toStrictEqual([]);
    expect(rows.length).toBe(42);
  });
});
