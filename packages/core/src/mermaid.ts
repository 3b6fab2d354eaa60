import type { Graph, GraphComponent } from './graph';

/** `graph` as a Mermaid flow chart: an arrow goes from who requires to who provides. */
export function toMermaid(graph: Graph): string {
  const ids = new Map(graph.components.map(({ path }, index) => [path, `c${String(index)}`]));
  const below = new Map<string, GraphComponent[]>();
  const roots: GraphComponent[] = [];
  for (const component of graph.components) {
    const above = pathAbove(component.path);
    if (!ids.has(above)) roots.push(component);
    else below.set(above, [...(below.get(above) ?? []), component]);
  }

  const lines = ({ path, type }: GraphComponent, indent: string): string[] => {
    const isRoot = !ids.has(pathAbove(path));
    const label = `${ids.get(path) ?? ''}["${escaped(isRoot ? path : type)}"]`;
    const inner = (below.get(path) ?? []).flatMap((child) => lines(child, `${indent}  `));
    if (inner.length === 0) return [`${indent}${label}`];
    return [`${indent}subgraph ${label}`, ...inner, `${indent}end`];
  };
  const idOf = (port: string): string => ids.get(port.slice(0, port.lastIndexOf('.'))) ?? '';
  const arrows = graph.channels.map(
    ({ type, provided, required }) => `  ${idOf(required)} -->|${escaped(type)}| ${idOf(provided)}`,
  );
  return ['flowchart LR', ...roots.flatMap((root) => lines(root, '  ')), ...arrows, ''].join('\n');
}

function pathAbove(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** What stands between quotes in Mermaid holds no quotes. */
function escaped(text: string): string {
  return text.replaceAll('"', '#quot;');
}
