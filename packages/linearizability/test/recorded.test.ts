import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { check, modelNamed, readJsonLines } from '@jbstore/linearizability';

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
