import type { Performance } from './perform';

/** How many keys a report names, of those that waited longest. */
const namedKeys = 3;

/** What came of a trial, for people. */
export function linesOf({
  trial,
  pace: { writers, restMs },
  service,
  measured,
  errors,
  violations,
  verdict,
}: Performance): readonly string[] {
  const rests = restMs > 0 ? `, each resting ${restMs} ms` : '';
  const seconds = (service.nowMs / 1_000).toFixed(1);
  const gaps = [...service.gaps]
    .sort(([, one], [, other]) => other.ms - one.ms)
    .slice(0, namedKeys)
    .map(([key, { ms, atMs }]) => `${key} ${Math.round(ms)} ms at ${(atMs / 1_000).toFixed(1)} s`);
  return [
    `${trial.name}: ${trial.about}; δ = ${trial.replication}, ${writers} writers${rests}`,
    `  ${service.answers} requests in ${seconds} s, ${errors.length} failed; the history is ${verdict}`,
    `  the longest gaps in service: ${gaps.join(', ')}`,
    ...Object.entries(measured).map(([name, figure]) => `  ${name}: ${figure}`),
    ...errors.slice(0, namedKeys).map((error) => `  failed: ${error}`),
    ...violations.map((violation) => `  VIOLATION: ${violation}`),
  ];
}

/** Nothing was lost, nothing done twice, and no request failed. */
export function isSound({ errors, violations, verdict }: Performance): boolean {
  return errors.length === 0 && violations.length === 0 && verdict === 'linearizable';
}

/** The same, for programs. */
export function figuresOf(performance: Performance): object {
  const { trial, pace, service, measured, errors, violations, verdict } = performance;
  return {
    trial: trial.name,
    about: trial.about,
    nodes: trial.nodes,
    replication: trial.replication,
    ...pace,
    requests: service.answers,
    elapsedMs: Math.round(service.nowMs),
    gaps: Object.fromEntries(service.gaps),
    marks: service.marks,
    measured,
    errors,
    violations,
    verdict,
  };
}
