import { readFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { dirname, join, sep } from 'node:path';
import { compileFunction } from 'node:vm';

import { REGISTER_INSTANCE } from 'ts-node';

import { edited, root, type Edit } from './edit';

const load = createRequire(__filename);

/** What sources are when they are compiled, by the sources: most are loaded again and again. */
const compiledBySource = new Map<string, string>();

/**
 * Loads the module at `path`, from here, with all sources of ours that it leads to: afresh, so that none
 * is shared with what was loaded before, and with `edits` made in them. No file is changed.
 *
 * @throws {@link MisfitError}
 */
export function loadWith(edits: readonly Edit[], path: string): unknown {
  const sources = edited(edits);
  const loaded = Object.keys(load.cache).filter(isOurs);
  for (const file of new Set([...loaded, ...sources.keys()])) {
    load.cache[file] = moduleOf(file, sources.get(file) ?? readFileSync(file, 'utf8'));
  }
  return load(join(__dirname, path));
}

/** Whatever a bug may be planted in, and the worlds that are built of it. */
function isOurs(file: string): boolean {
  return ['packages', 'test'].some((folder) => file.startsWith(join(root, folder, sep)));
}

/** A module that runs `source` when somebody first asks what it exports. */
function moduleOf(file: string, source: string): NodeJS.Module {
  const module = new Module(file);
  module.filename = file;
  module.loaded = true;
  let run = false;
  const { exports } = module as { exports: unknown };
  return Object.defineProperty(module, 'exports', {
    get: () => {
      if (!run) {
        run = true;
        const names = ['exports', 'require', 'module', '__filename', '__dirname'];
        const body = compileFunction(compiled(source, file), names, { filename: file });
        Reflect.apply(body, exports, [exports, createRequire(file), module, file, dirname(file)]);
      }
      return exports;
    },
  });
}

/** By ts-node, which compiles every other source in this process. */
function compiled(source: string, file: string): string {
  const compiler = process[REGISTER_INSTANCE];
  if (!compiler) throw new Error('start this with node -C source -r ts-node/register');
  const known = compiledBySource.get(source);
  const code = known ?? compiler.compile(source, file);
  compiledBySource.set(source, code);
  return code;
}
