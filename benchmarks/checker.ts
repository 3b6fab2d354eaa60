import { check, keyValue, modelNamed, readHistory, type Algorithm } from '@jbstore/linearizability';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { historyOf, type HistoryParameters } from './checker-history';
import {
  CannotDo,
  interleave,
  rowOf,
  together,
  type Report,
  type Suite,
  type Trial,
} from './harness';
import { us } from './selection';

const search = 'search';
const memoryName = 'peak memory';
const hardestLog = join(__dirname, '../../shared/histories/raw/etcd/etcd_002.log');

/** The checker of histories, by zones where they apply, and made to search. */
export const checker: Suite = {
  name: 'check',
  about: 'the checker of histories: time, memory, configurations',
  subjects: [us, search],
  run: async ({ quick, runs, selection }, progress) => {
    const scale = quick ? 100 : 1;
    const all = [
      ...generated({ operations: 100_000 / scale, clients: 64, keys: 64 }),
      ...generated({ operations: 1_000_000 / scale, clients: 64, keys: 1_000 }),
      ...recorded(),
    ];
    const trials = all.filter(
      ({ scenario, subject }) => selection.hasScenario(scenario) && selection.hasSubject(subject),
    );
    const report = await interleave('the checker', trials, runs, progress);
    return selection.hasScenario(memoryName) ? together([report, peakMemory()]) : report;
  },
};

function generated(parameters: HistoryParameters): readonly Trial[] {
  const { operations, keys } = parameters;
  const scenario = `${operations.toLocaleString('en-US')} operations, ${keys} keys`;
  // Only while it is measured, so that the memory of one history is not counted for another.
  return subjects.map(([subject, algorithm]) => ({
    ...{ scenario, subject, unit: 's', parameters: { ...parameters } },
    measure: () => {
      const history = historyOf(parameters);
      const startMs = performance.now();
      const { verdict } = check(history, keyValue(), { algorithm });
      const elapsedMs = performance.now() - startMs;
      if (verdict !== 'linearizable') throw new Error(`${scenario}: ${verdict}, by ${algorithm}`);
      return elapsedMs / 1_000;
    },
  }));
}

const subjects: readonly (readonly [string, Algorithm])[] = [
  [us, 'auto'],
  [search, 'search'],
];

/** The log of etcd that is hardest to decide, in two figures. */
function recorded(): readonly Trial[] {
  const decide = (): { readonly elapsedMs: number; readonly configurations: number } => {
    if (!existsSync(hardestLog)) throw new CannotDo('the recorded histories are not in ../shared');
    const { operations } = readHistory(readFileSync(hardestLog, 'utf8'));
    const startMs = performance.now();
    const model = modelNamed('cas-register(nil)/porcupine-semantics');
    const { verdict, configurations } = check(operations, model);
    if (verdict !== 'linearizable') throw new Error(`etcd 002: ${verdict}`);
    return { elapsedMs: performance.now() - startMs, configurations };
  };
  const parameters = { model: 'cas-register(nil)/porcupine-semantics' };
  return [
    {
      ...{ scenario: 'etcd 002, time', subject: us, unit: 's', parameters },
      measure: () => decide().elapsedMs / 1_000,
    },
    {
      ...{ scenario: 'etcd 002, configurations', subject: us, unit: 'configurations', parameters },
      measure: () => decide().configurations,
    },
  ];
}

/** The most that this process ever took, with the histories and all that came before. */
function peakMemory(): Report {
  const figure = process.resourceUsage().maxRSS / 1_024;
  const row = rowOf({ scenario: memoryName, subject: us, unit: 'MiB', parameters: {} }, [figure]);
  return { rows: [row], skipped: [] };
}
