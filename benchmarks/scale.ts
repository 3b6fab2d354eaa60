import { clusterAtSize, parameters, type ClusterFigures } from './cluster-at-size';
import { rowOf, type Effort, type Progress, type Row, type Suite } from './harness';
import { balanceOf, type Balance } from './ring-balance';
import { us } from './selection';

interface Size {
  readonly nodes: number;
  /** Whether one of them is replaced: of a thousand that would take very long. */
  readonly isToReplace: boolean;
  /** Of rings: how many tokens each member has, while there are not too many in all. */
  readonly tokens: readonly number[];
}

const sizes: readonly Size[] = [
  { nodes: 10, isToReplace: true, tokens: [1, 16, 100] },
  { nodes: 100, isToReplace: true, tokens: [1, 10] },
];

const largeSizes: readonly Size[] = [
  { nodes: 300, isToReplace: true, tokens: [1, 3] },
  { nodes: 1_000, isToReplace: false, tokens: [1] },
];

/** What is told of a cluster, and in which unit. */
const told: readonly (readonly [
  string,
  string,
  (figures: ClusterFigures) => number | undefined,
])[] = [
  ['heartbeats', 'per node and period', (figures) => figures.heartbeatsPerNodeAndPeriod],
  ['put', 'messages', (figures) => figures.messagesPerPut],
  ['get', 'messages', (figures) => figures.messagesPerGet],
  ['a dead node is evicted', 'ms', ({ replacement }) => replacement?.evictedMs],
  ['a dead node is replaced', 'ms', ({ replacement }) => replacement?.settledMs],
  ['slots that move', 'of all', ({ replacement }) => replacement?.shareOfSlots],
  ['bytes that move', 'per byte held', ({ replacement }) => replacement?.bytesMovedPerByteHeld],
  ['messages about views', 'per node', ({ replacement }) => replacement?.viewMessagesPerNode],
  ['bytes about views', 'per node', ({ replacement }) => replacement?.viewBytesPerNode],
];

/** Rings that are drawn, as each has another balance. */
const draws = 25;

/** Clusters in the simulator, by how many nodes they have. */
export const scale: Suite = {
  name: 'scale',
  about:
    'simulated clusters of 10 to 1000 nodes (--quick: 100): messages, balance, a node replaced',
  subjects: [us],
  run: (effort, progress) => {
    const asked = effort.quick ? sizes : [...sizes, ...largeSizes];
    const rows = asked.flatMap((size) => [
      ...clusterRows(size, effort, progress),
      ...balanceRows(size, effort),
    ]);
    return Promise.resolve({ rows, skipped: [] });
  },
};

/** One run of each: what follows from a seed is the same every time. */
function clusterRows(
  { nodes, isToReplace }: Size,
  { selection }: Effort,
  progress: Progress,
): readonly Row[] {
  const nameOf = (what: string): string => `${what}, ${nodes} nodes`;
  const asked = told.filter(([what]) => selection.hasScenario(nameOf(what)));
  if (asked.length === 0) return [];
  const title = `a simulated cluster of ${nodes} nodes`;
  progress(title, title);
  const figures = clusterAtSize(nodes, isToReplace);
  return asked.flatMap(([what, unit, figureOf]) => {
    const figure = figureOf(figures);
    return figure === undefined
      ? []
      : [aboutUs(nameOf(what), unit, [figure], { nodes, ...parameters })];
  });
}

function balanceRows({ nodes, tokens: counts }: Size, { selection }: Effort): readonly Row[] {
  const rowsOf = (how: string, balances: readonly Balance[], tokens: number): readonly Row[] =>
    (['holds', 'leads'] as const).map((what) => {
      const name = `most slots that a node ${what}, ${how}, ${nodes} nodes`;
      const all = balances.map((balance) => balance[what]);
      return aboutUs(name, 'of the mean', all, { nodes, tokens });
    });
  const rings = counts.flatMap((tokensPerMember) => {
    const seeds = Array.from({ length: draws }, (_, number) => String(number));
    const balances = seeds.map((seed) => balanceOf(nodes, { tokensPerMember, seed }));
    return rowsOf(`${tokensPerMember} tokens each`, balances, tokensPerMember);
  });
  return [...rowsOf('even split', [balanceOf(nodes)], 1), ...rings].filter(({ scenario }) =>
    selection.hasScenario(scenario),
  );
}

function aboutUs(
  scenario: string,
  unit: string,
  measured: readonly number[],
  given: Row['parameters'],
): Row {
  return rowOf({ scenario, subject: us, unit, parameters: given }, measured);
}
