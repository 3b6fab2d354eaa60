import type { Outcome } from '../src';
import { serveSeeds } from '../src/seed-service';

// A worker with which everything goes wrong that can, each at a seed of its own.

let runs = 0;

function outcomeOf(scenario: string, seed: string, traceHash: string): Outcome {
  return {
    scenario,
    seed,
    verdict: 'passed',
    failure: undefined,
    traceHash,
    events: 10,
    virtualMs: 100,
    operations: { ok: 3, unavailable: 1, unknown: 0 },
    faults: { crash: 2 },
    probes: { often: 1, never: 0 },
    history: [],
    plan: {
      order: { kind: 'random' },
      latency: { leastMs: 1, mostMs: 1, stragglers: 0, stragglerMs: 0 },
      rates: {
        ...{ loss: 0, noticedMs: 50, duplication: 0, reordering: 0, reorderingMs: 1, replay: 0 },
        replayMs: 1,
      },
      settings: {
        ...{
          heartbeatDelayMs: 100,
          heartbeatIncreaseMs: 50,
          attemptMs: 50,
          tickMs: 10,
          timeoutMs: 400,
        },
      },
      actions: [],
      healAtMs: 0,
      deadlineMs: 0,
    },
  };
}

serveSeeds((scenario, seed) => {
  runs += 1;
  const passed = outcomeOf(scenario, seed, Number(seed).toString(16).padStart(16, '0'));
  switch (`${scenario} ${seed}`) {
    case 'troubled 2':
      throw new Error('the run threw');
    case 'troubled 4':
      process.stderr.write('last words');
      process.kill(process.pid, 'SIGKILL');
      return passed;
    case 'troubled 6':
      // Far longer than the test waits; but a worker whose test was killed ends at last.
      for (const endMs = performance.now() + 120_000; performance.now() < endMs;) runs += 1;
      return passed;
    case 'troubled 8':
      return {
        ...passed,
        verdict: 'failed',
        failure: { kind: 'invariant', what: 'I0: broken', atMs: 5 },
      };
    case 'troubled 9':
      return { ...passed, verdict: 'unknown' };
    case 'fickle 1':
      return { ...passed, traceHash: runs.toString(16).padStart(16, '0') };
    default:
      return passed;
  }
});
