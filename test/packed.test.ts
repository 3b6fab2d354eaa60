import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const repository = join(__dirname, '..');
const tsc = join(repository, 'node_modules/.bin/tsc');

/** Where a user's project would be: outside the repository, with nothing but what it installs. */
let project: string;

/** Runs a program and returns its output, which a failure shows too: tsc prints its errors there. */
async function run(program: string, words: readonly string[], cwd: string): Promise<string> {
  try {
    return (await promisify(execFile)(program, words, { cwd })).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${words.join(' ')}\n${stdout}${stderr}`, { cause: error });
  }
}

interface Packed {
  readonly name: string;
  readonly filename: string;
}

async function packed(): Promise<readonly Packed[]> {
  const words = ['--json', '--workspace=packages', '--ignore-scripts'];
  const stdout = await run('npm', ['pack', ...words, '--pack-destination', project], repository);
  return Object.values(JSON.parse(stdout) as Record<string, Packed>);
}

async function unpack({ name, filename }: Packed): Promise<void> {
  const folder = join(project, 'node_modules', name);
  await mkdir(folder, { recursive: true });
  await run('tar', ['-xzf', join(project, filename), '--strip-components=1'], folder);
}

/** What registry packages the unpacked one asks for, and no others. */
async function dependenciesOf({ name }: Packed): Promise<readonly string[]> {
  const manifest = await readFile(join(project, 'node_modules', name, 'package.json'), 'utf8');
  const { dependencies = {} } = JSON.parse(manifest) as { dependencies?: Record<string, string> };
  return Object.keys(dependencies).filter((dependency) => !dependency.startsWith('@jbstore/'));
}

async function link(dependency: string): Promise<void> {
  const place = join(project, 'node_modules', dependency);
  await mkdir(dirname(place), { recursive: true });
  await symlink(join(repository, 'node_modules', dependency), place);
}

const strictest = {
  target: 'ES2022',
  lib: ['ES2023', 'ESNext.Disposable'],
  types: ['node'],
  module: 'node16',
  strict: true,
  declaration: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
};

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'jbstore-user-'));
  await run(tsc, ['-b'], repository);

  const packages = await packed();
  await Promise.all(packages.map(unpack));
  const dependencies = (await Promise.all(packages.map(dependenciesOf))).flat();
  await Promise.all([...new Set([...dependencies, '@types/node'])].map(link));

  const program = join(__dirname, 'packed', 'program.ts');
  await copyFile(program, join(project, 'program.mts'));
  await copyFile(program, join(project, 'program.cts'));
  await writeFile(
    join(project, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: strictest, files: ['program.mts', 'program.cts'] }),
  );
}, 240_000);

afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

test('packed packages: a program outside the repository compiles and runs, ESM and CommonJS', async () => {
  await run(tsc, ['-p', project], project);

  const outputs = await Promise.all(
    ['program.mjs', 'program.cjs'].map((file) => run(process.execPath, [file], project)),
  );

  const output =
    'hello world, remembered, EventuallyPerfectFailureDetector, Membership, AtomicRegister, JBStore\n';
  expect(outputs).toEqual([output, output]);
}, 240_000);
