import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the whole project, in which sources are named from `packages/` on. */
export const root = join(__dirname, '..', '..');

/** A change to a source: `find`, which stands there once, gives way to `replace`. */
export interface Edit {
  /** From the folder `packages` on: `register/src/group.ts`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** The source has changed, so that a bug cannot be planted there as its table says. */
export class MisfitError extends Error {
  constructor(
    readonly edit: Edit,
    readonly found: number,
  ) {
    super(
      `what is to be changed in packages/${edit.file} stands there ${String(found)} times, not once: ` +
        `make the bug fit the source again, which has no\n${edit.find}`,
    );
    this.name = 'MisfitError';
  }
}

/**
 * The sources that `edits` change, as they are with them, by their absolute path.
 *
 * @throws {@link MisfitError}
 */
export function edited(edits: readonly Edit[]): ReadonlyMap<string, string> {
  const sources = new Map<string, string>();
  for (const edit of edits) {
    const path = join(root, 'packages', edit.file);
    const source = sources.get(path) ?? readFileSync(path, 'utf8');
    const parts = source.split(edit.find);
    if (parts.length !== 2) throw new MisfitError(edit, parts.length - 1);
    sources.set(path, parts.join(edit.replace));
  }
  return sources;
}
