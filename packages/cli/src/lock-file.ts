import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { UsageError } from './errors';
import { codeOf } from './exit-code';

const fileName = 'package-lock.json';

/** What a package-lock.json says of the packages of its repository. */
export interface LockedPackages {
  readonly file: string;
  /** The version of each package by its path; the repository itself, whose path is empty, is `.`. */
  readonly versions: ReadonlyMap<string, string>;
}

/**
 * Reads the package-lock.json of `directory`, or of the nearest directory above it which has one.
 * @throws {@link UsageError} if there is none, or it is not as npm 7 and later write it.
 */
export async function readLockFile(directory: string): Promise<LockedPackages> {
  for (let current = resolve(directory); ; current = dirname(current)) {
    const file = join(current, fileName);
    const text = await readIfThere(file);
    if (text !== undefined) return { file, versions: versionsOf(text, file) };
    if (dirname(current) === current) {
      throw new UsageError(
        `there is no ${fileName} in ${directory} or above: run this in a repository whose ` +
          'packages npm installed',
      );
    }
  }
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function versionsOf(text: string, file: string): ReadonlyMap<string, string> {
  const packages = fieldOf(parsed(text, file), 'packages');
  if (typeof packages !== 'object' || packages === null) {
    throw new UsageError(`${file} lists no packages: let npm 7 or later write it again`);
  }
  const versions = new Map<string, string>();
  for (const [path, description] of Object.entries(packages)) {
    const version = fieldOf(description, 'version');
    if (typeof version === 'string') versions.set(path === '' ? '.' : path, version);
  }
  if (versions.size === 0) throw new UsageError(`${file} lists no package that has a version`);
  return versions;
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file} is no JSON`, { cause: error });
  }
}

function fieldOf(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null) return undefined;
  return new Map<string, unknown>(Object.entries(object)).get(name);
}
