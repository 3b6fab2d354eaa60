import { drawingOf, type Box, type DrawingOptions } from './drawing';
import type { Graph } from './graph';

/**
 * `graph` in the language of Graphviz, as a picture that `dot -Tsvg` draws: an arrow goes from who
 * requires to who provides, and what a component created stands within it.
 */
export function toDot(graph: Graph, options?: DrawingOptions): string {
  const { roots, arrows } = drawingOf(graph, options);
  return [
    'digraph {',
    '  rankdir=LR',
    '  graph [fontname="sans-serif" style=rounded]',
    '  node [fontname="sans-serif" shape=box style=rounded]',
    '  edge [fontname="sans-serif" fontsize=10]',
    ...roots.flatMap((root) => boxes(root, '  ')),
    ...arrows.map(({ from, to, label }) => `  ${from} -> ${to} [label=${quoted([label])}]`),
    '}',
    '',
  ].join('\n');
}

/** What has ports as well as others within it stands among them: no arrow can end at a cluster. */
function boxes({ id, lines, inner, joined }: Box, indent: string): readonly string[] {
  const box = `${indent}${id} [label=${quoted(lines)}]`;
  if (inner.length === 0) return [box];
  return [
    `${indent}subgraph cluster_${id} {`,
    `${indent}  label=${quoted(joined ? lines.slice(0, 1) : lines)}`,
    ...(joined ? [`  ${box}`] : []),
    ...inner.flatMap((other) => boxes(other, `${indent}  `)),
    `${indent}}`,
  ];
}

/** In quotes, a backslash begins an escape and an ampersand an entity; no control sign may stand there. */
function quoted(lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    line
      .replace(/[\p{Cc}\p{Cs}]/gu, ' ')
      .replace(/["\\]/g, '\\$&')
      .replaceAll('&', '&amp;'),
  );
  return `"${escaped.join('\\n')}"`;
}
