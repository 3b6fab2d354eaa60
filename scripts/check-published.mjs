// Packs every public package and examines what its users would get: publint for the manifest,
// are-the-types-wrong for how CommonJS and ESM programs resolve its types.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const run = promisify(execFile);

/** A command, which nobody imports. */
const withoutTypes = ['@jbstore/cli'];

async function pack(folder) {
  const { stdout } = await run('npm', [
    'pack',
    '--json',
    '--workspace=packages',
    '--ignore-scripts',
    '--pack-destination',
    folder,
  ]);
  return Object.values(JSON.parse(stdout)).map(({ name, filename }) => ({
    name,
    tarball: join(folder, filename),
  }));
}

async function problemsOfManifest({ name, tarball }) {
  const bytes = await readFile(tarball);
  const { messages, pkg } = await publint({
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
    strict: true,
  });
  return messages.map((message) => `${name}: ${formatMessage(message, pkg, { color: false })}`);
}

/** Node 10's resolution knows no `exports`; the packages need a newer Node anyway. */
const concerns = ({ resolutionKind }) => resolutionKind !== 'node10';

async function problemsOfTypes({ name, tarball }) {
  const contents = createPackageFromTarballData(new Uint8Array(await readFile(tarball)));
  const { types, problems } = await checkPackage(contents);
  if (types === false) return withoutTypes.includes(name) ? [] : [`${name}: has no types`];
  return problems.filter(concerns).map((problem) => `${name}: ${JSON.stringify(problem)}`);
}

const folder = await mkdtemp(join(tmpdir(), 'jbstore-packed-'));
try {
  const packages = await pack(folder);
  const problems = await Promise.all(
    packages.flatMap((each) => [problemsOfManifest(each), problemsOfTypes(each)]),
  );
  for (const problem of problems.flat()) console.error(problem);
  if (problems.flat().length > 0) process.exitCode = 1;
  else console.log(`${packages.length} packages are as their users expect them.`);
} finally {
  await rm(folder, { recursive: true, force: true });
}
