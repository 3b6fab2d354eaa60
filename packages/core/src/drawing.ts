import type { Graph, GraphChannel, GraphComponent } from './graph';

export interface DrawingOptions {
  /**
   * Also shows how many events each component has handled and how many wait, in held channels too, and
   * its state where that is not `started`. Without it the same assembly gives the same text in every run.
   */
  readonly live?: boolean;
}

/** What all pictures of a graph have in common: boxes within one another, and arrows between them. */
interface Drawing {
  readonly roots: readonly Box[];
  readonly arrows: readonly Arrow[];
}

/** A component. */
export interface Box {
  /** A letter and digits. */
  readonly id: string;
  /** Its name, and what it has to tell; any text. */
  readonly lines: readonly string[];
  readonly inner: readonly Box[];
  /** An arrow begins or ends here. */
  readonly joined: boolean;
}

/** All channels between two components, from who requires to who provides. */
interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Any text. */
  readonly label: string;
}

export function drawingOf(graph: Graph, { live = false }: DrawingOptions = {}): Drawing {
  const ids = new Map(graph.components.map(({ path }, index) => [path, `c${String(index)}`]));
  const arrows = arrowsOf(graph, ids, live);
  const joined = new Set(arrows.flatMap(({ from, to }) => [from, to]));
  const below = new Map<string | undefined, GraphComponent[]>();
  for (const component of graph.components) {
    const above = pathAbove(component.path, ids);
    const siblings = below.get(above);
    if (siblings) siblings.push(component);
    else below.set(above, [component]);
  }

  const boxesIn = (above: string | undefined): readonly Box[] =>
    (below.get(above) ?? []).map((component) => {
      const id = ids.get(component.path) ?? '';
      const name = above === undefined ? component.path : component.path.slice(above.length + 1);
      const lines = live ? [name, ...figuresOf(component)] : [name];
      return { id, lines, inner: boxesIn(component.path), joined: joined.has(id) };
    });
  return { roots: boxesIn(undefined), arrows };
}

/** The nearest component above; undefined at a root. A name may have a stroke in it. */
function pathAbove(path: string, known: ReadonlyMap<string, string>): string | undefined {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    const above = path.slice(0, end);
    if (known.has(above)) return above;
  }
  return undefined;
}

function figuresOf({ state, handledEvents, queuedEvents }: GraphComponent): readonly string[] {
  const figures = [
    ...(handledEvents > 0 ? [`${String(handledEvents)} handled`] : []),
    ...(queuedEvents > 0 ? [`${String(queuedEvents)} waiting`] : []),
    ...(state === 'started' ? [] : [state]),
  ];
  return figures.length === 0 ? [] : [figures.join(', ')];
}

function arrowsOf(graph: Graph, ids: ReadonlyMap<string, string>, live: boolean): readonly Arrow[] {
  const holders = new Map<string, string>(
    graph.components.flatMap(({ path, ports }) =>
      ports.map(({ name }) => [`${path}.${name}`, ids.get(path) ?? ''] as const),
    ),
  );
  const arrows = new Map<string, { from: string; to: string; channels: GraphChannel[] }>();
  for (const channel of graph.channels) {
    const from = holders.get(channel.required);
    const to = holders.get(channel.provided);
    if (from === undefined || to === undefined) continue;
    const parallel = arrows.get(`${from} ${to}`);
    if (parallel) parallel.channels.push(channel);
    else arrows.set(`${from} ${to}`, { from, to, channels: [channel] });
  }
  return [...arrows.values()].map(({ from, to, channels }) => ({
    from,
    to,
    label: label(channels, live),
  }));
}

/** What there is to tell of each channel, once, with how many have the same to tell. */
function label(channels: readonly GraphChannel[], live: boolean): string {
  const counts = new Map<string, number>();
  for (const channel of channels) {
    const text = told(channel, live);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts]
    .map(([text, count]) => (count === 1 ? text : `${text} x${String(count)}`))
    .join(', ');
}

function told({ type, selected, held }: GraphChannel, live: boolean): string {
  const selection = selected ? ' (selected)' : '';
  if (!live || !held) return type + selection;
  return `${type}${selection} (held, ${String(held.requests + held.indications)} waiting)`;
}
