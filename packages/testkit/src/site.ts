import { dirname, relative } from 'node:path';

/** Where a statement stands: its number within the script, and its line in the test. */
export interface Place {
  /** Numbers of the statement and of those around it: `2.1` is the first within the second. */
  readonly path: string;
  readonly site: Site;
}

/** A line of a test: where a step was written. */
export class Site {
  readonly #trace = new Error('a site');
  #stack: readonly string[] | undefined;

  /** `path:line`, the path from the working directory. */
  toString(): string {
    const place = placeOf(this.stack[0] ?? '');
    return place ? `${relative(process.cwd(), place.path)}:${place.line}` : 'somewhere';
  }

  /** The lines of the stack from the innermost one that is not of this package. */
  get stack(): readonly string[] {
    return (this.#stack ??= withoutOurs((this.#trace.stack ?? '').split('\n')));
  }
}

function withoutOurs(stack: readonly string[]): readonly string[] {
  const lines = stack.filter((line) => placeOf(line));
  const folderOf = (line = ''): string => dirname(placeOf(line)?.path ?? '');
  return lines.slice(lines.findIndex((line) => folderOf(line) !== folderOf(lines[0])));
}

function placeOf(line: string): { readonly path: string; readonly line: string } | undefined {
  const [, path, number] = /^ *at (?:.* \()?([^()]+):(\d+):\d+\)?$/.exec(line) ?? [];
  return path !== undefined && number !== undefined ? { path, line: number } : undefined;
}
