/** A line of a text, without its end. */
export interface Line {
  readonly content: string;
  /** Counted from 1. */
  readonly line: number;
}

/** The lines of `text` that are not empty, as they are asked for, since there may be millions. */
export function* linesOf(text: string): Generator<Line, void, undefined> {
  let line = 0;
  for (let start = 0; start < text.length;) {
    line += 1;
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const content = text.slice(start, end).replace(/^\uFEFF|\r$/g, '');
    if (content.trim() !== '') yield { content, line };
    start = end + 1;
  }
}
