import type { Cell } from './cell';
import type { LifeState } from './life';
import { wiring, type PortEnd } from './port';

/** The components, ports and channels of a system at one moment; plain data, fit for JSON. */
export interface Graph {
  readonly components: readonly GraphComponent[];
  readonly channels: readonly GraphChannel[];
}

export interface GraphComponent {
  /** `system/parent/child`; the parent's path is what stands before the last stroke. */
  readonly path: string;
  /** The name of its class; `system` at the root, `outside` for the program around it. */
  readonly type: string;
  readonly state: LifeState;
  readonly queuedEvents: number;
  readonly ports: readonly GraphPort[];
}

export interface GraphPort {
  /** The field that holds it. */
  readonly name: string;
  readonly type: string;
  readonly role: 'provided' | 'required';
}

/** Ends are named `path.field`. */
export interface GraphChannel {
  readonly type: string;
  readonly provided: string;
  readonly required: string;
}

export function graphOf(root: Cell): Graph {
  const cells = [...descendants(root)];
  return {
    components: cells.map((cell) => ({
      path: cell.path,
      type: cell.component?.constructor.name ?? (cell === root ? 'system' : cell.name),
      state: cell.state,
      queuedEvents: cell.queuedEvents,
      ports: cell.ports.map((port) => graphPort(cell, port)),
    })),
    channels: cells.flatMap((cell) => cell.ports.flatMap(graphChannels)),
  };
}

function* descendants(cell: Cell): Iterable<Cell> {
  yield cell;
  for (const child of cell.children) yield* descendants(child);
}

function graphPort(cell: Cell, port: PortEnd): GraphPort {
  return { name: cell.nameOf(port), type: port.type.name, role: port.role };
}

/** Each channel once: from its required end. */
function graphChannels(port: PortEnd): GraphChannel[] {
  if (port.role === 'provided') return [];
  return wiring.channelsOf(port).map((channel) => ({
    type: port.type.name,
    provided: channel.provided.name,
    required: channel.required.name,
  }));
}

/** `graph` as a Mermaid flow chart: an arrow goes from who requires to who provides. */
export function toMermaid(graph: Graph): string {
  const ids = new Map(graph.components.map(({ path }, index) => [path, `c${String(index)}`]));
  const idOf = (path: string): string => ids.get(path) ?? path;
  const lines = (path: string, indent: string): string[] => {
    const children = graph.components.filter((other) => parentOf(other.path) === path);
    const type = graph.components.find((other) => other.path === path)?.type ?? path;
    const label = `${idOf(path)}["${path.includes('/') ? type : path}"]`;
    if (children.length === 0) return [`${indent}${label}`];
    const inner = children.flatMap((child) => lines(child.path, `${indent}  `));
    return [`${indent}subgraph ${label}`, ...inner, `${indent}end`];
  };
  const roots = graph.components.filter(({ path }) => !path.includes('/'));
  const arrows = graph.channels.map(
    ({ type, provided, required }) =>
      `  ${idOf(componentOf(required))} -->|${type}| ${idOf(componentOf(provided))}`,
  );
  return ['flowchart LR', ...roots.flatMap(({ path }) => lines(path, '  ')), ...arrows, ''].join(
    '\n',
  );
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function componentOf(port: string): string {
  return port.slice(0, port.lastIndexOf('.'));
}
