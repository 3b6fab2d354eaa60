import { type Curves } from './harness';
import { type StoreResult } from './store-process';

/** What a measurement tells. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  of(result: StoreResult): number | undefined;
}

const p50: Figure = { name: 'p50 latency', unit: 'ms', of: ({ p50Ms }) => p50Ms };
const p99: Figure = { name: 'p99 latency', unit: 'ms', of: ({ p99Ms }) => p99Ms };
const p999: Figure = { name: 'p99.9 latency', unit: 'ms', of: ({ p999Ms }) => p999Ms };

const throughput: Figure = {
  ...{ name: 'half put half get', unit: 'requests/s' },
  of: ({ operations, elapsedMs }) => (operations * 1000) / elapsedMs,
};

const processorTime = 'processor time of the';

export const closedFigures: readonly Figure[] = [
  throughput,
  p50,
  p99,
  {
    ...{ name: `${processorTime} client`, unit: 'µs/request' },
    of: ({ clientCpuMs, operations }) => (clientCpuMs * 1000) / operations,
  },
  {
    ...{ name: `${processorTime} servers`, unit: 'µs/request' },
    of: ({ serversCpuMs, operations }) =>
      serversCpuMs === undefined ? undefined : (serversCpuMs * 1000) / operations,
  },
];

export const openFigures: readonly Figure[] = [
  { ...throughput, name: 'rate kept' },
  ...[p50, p99, p999],
];

/** How many requests at a time. */
export const levels = [1, 16, 64, 256] as const;

export function closedName(inFlight: number): string {
  return `C=${inFlight}`;
}

export const openName = 'open loop';

/** @param loop - in which it is measured */
export function scenarioOf({ name }: Figure, loop: string): string {
  return `${name}, ${loop}`;
}

function againstLevels(name: string, title: string, figure: Figure): Curves {
  return {
    ...{ name, title, across: 'requests in flight' },
    points: levels.map((inFlight) => ({
      label: String(inFlight),
      scenario: scenarioOf(figure, closedName(inFlight)),
    })),
  };
}

/** What is drawn of them as lines. */
export const storeCurves: readonly Curves[] = [
  againstLevels('throughput', 'Half put half get', throughput),
  againstLevels('p99', 'p99 latency in closed loops', p99),
  {
    ...{ name: 'open-loop', title: 'Latency at half of its greatest rate' },
    across: 'percentile of an open loop',
    points: [p50, p99, p999].map((figure) => ({
      label: figure.name.replace(' latency', ''),
      scenario: scenarioOf(figure, openName),
    })),
  },
];
