import { drawingOf, type Box, type DrawingOptions } from './drawing';
import type { Graph } from './graph';

/**
 * `graph` as a Mermaid flow chart: an arrow goes from who requires to who provides, and what a
 * component created stands within it.
 */
export function toMermaid(graph: Graph, options?: DrawingOptions): string {
  const { roots, arrows } = drawingOf(graph, options);
  return [
    'flowchart LR',
    ...roots.flatMap((root) => boxes(root, '  ')),
    ...arrows.map(({ from, to, label }) => `  ${from} -->|${quoted([label])}| ${to}`),
    '',
  ].join('\n');
}

/** What has ports as well as others within it stands among them: no arrow may end at its frame. */
function boxes({ id, lines, inner, joined }: Box, indent: string): readonly string[] {
  const box = `${id}[${quoted(lines)}]`;
  if (inner.length === 0) return [`${indent}${box}`];
  return [
    `${indent}subgraph ${joined ? `${id}_frame[${quoted(lines.slice(0, 1))}]` : box}`,
    ...(joined ? [`${indent}  ${box}`] : []),
    ...inner.flatMap((other) => boxes(other, `${indent}  `)),
    `${indent}end`,
  ];
}

/** Mermaid takes what stands in quotes for Markdown and HTML: only what means nothing there stays. */
function quoted(lines: readonly string[]): string {
  const escaped = lines.map((line) =>
    line.replace(
      /^-|(?<=^\d+)[.)]|[^\p{L}\p{N} .,/()-]/gu,
      (sign) => `#${String(sign.codePointAt(0))};`,
    ),
  );
  return `"${escaped.join('<br/>') || ' '}"`;
}
