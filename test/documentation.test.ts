import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { toMermaid } from '@jbstore/core';
import { graphOfNode } from '@jbstore/node';
import ts from 'typescript';

const root = join(__dirname, '..');

function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

function listed(folder: string): string[] {
  return readdirSync(join(root, folder)).map((name) => join(folder, name));
}

const packages = listed('packages').filter((path) => existsSync(join(root, path, 'package.json')));
const readmes = packages
  .map((path) => join(path, 'README.md'))
  .filter((path) => existsSync(join(root, path)));
const texts = [
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', join('benchmarks', 'README.md')],
  ...readmes,
];
const sources = packages
  .flatMap((path) => listed(join(path, 'src')))
  .filter((path) => path.endsWith('.ts'));

/** An example, and where its first line stands. */
interface Block {
  readonly file: string;
  readonly line: number;
  readonly code: string;
  /** What the text around it has told already; declarations in `<!-- given: … -->` before the block. */
  readonly given: string;
}

/** The blocks of `text` that are marked as TypeScript. */
function blocksOf(file: string, text: string): Block[] {
  const blocks = text.matchAll(
    /(?:<!-- given:\s*((?:(?!-->)[^])*?)\s*-->\s*)?^ *```ts\n([^]*?)^ *```$/gm,
  );
  return [...blocks].map((match) => {
    const [whole, given = '', code = ''] = match;
    const start = match.index + whole.indexOf('```ts\n');
    const line = text.slice(0, start).split('\n').length + 1;
    return { file, line, code, given: given === '' ? '' : `${given}\n` };
  });
}

/** As {@link blocksOf}, for the comments of a source; its lines stay where they are. */
function examplesOf(file: string): Block[] {
  const comments = read(file)
    .split('\n')
    .map((line) => /^ *\* ?(.*)$/.exec(line)?.[1] ?? '');
  return blocksOf(file, comments.join('\n'));
}

/** What is wrong with `blocks`, each a module of its own beside its text, by one run of the compiler. */
function compile(blocks: readonly Block[]): string[] {
  const tsconfig = ts.readConfigFile(join(root, 'tsconfig.test.json'), (path) =>
    ts.sys.readFile(path),
  );
  const withoutFiles = { ...ts.sys, readDirectory: () => [] };
  const { options } = ts.parseJsonConfigFileContent(tsconfig.config, withoutFiles, root);
  options.noUnusedLocals = false; // An example declares what its reader will use.
  options.moduleDetection = ts.ModuleDetectionKind.Force;

  const virtual = new Map(
    blocks.map((block) => [join(root, `${block.file}.${String(block.line)}.ts`), block]),
  );
  const disk = ts.createCompilerHost(options);
  const codeOf = (path: string): string | undefined => {
    const block = virtual.get(path);
    return block && block.given + block.code;
  };
  const host: ts.CompilerHost = {
    ...disk,
    fileExists: (path) => virtual.has(path) || disk.fileExists(path),
    readFile: (path) => codeOf(path) ?? disk.readFile(path),
    getSourceFile: (path, target, ...rest) => {
      const code = codeOf(path);
      if (code === undefined) return disk.getSourceFile(path, target, ...rest);
      return ts.createSourceFile(path, code, target);
    },
  };

  const program = ts.createProgram([...virtual.keys()], options, host);
  return [...virtual].flatMap(([path, { file, line, given }]) => {
    const source = program.getSourceFile(path);
    const diagnostics = [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ];
    return diagnostics.map(({ start = 0, messageText }) => {
      const inBlock = source?.getLineAndCharacterOfPosition(start).line ?? 0;
      const at = Math.max(line, line + inBlock - given.split('\n').length + 1);
      return `${file}:${String(at)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  });
}

/** `text` without its blocks of code and its comments; the lines stay where they are. */
function prose(text: string): string {
  return text.replace(/^ *```[^]*?^ *```$|<!--[^]*?-->/gm, (block) => block.replace(/[^\n]/g, ''));
}

/** The folders to which a path in line `line` of `file` may be relative. */
function basesOf(file: string, line: number): string[] {
  if (dirname(file) !== '.') return ['.', dirname(file), join(dirname(file), 'src')];
  const above = read(file).split('\n').slice(0, line);
  const heading = above.findLast((text) => /^#{2,3} /.test(text)) ?? '';
  const [, about] = /^### `(packages\/[^`]+)`$/.exec(heading) ?? [];
  if (about !== undefined) return ['.', about, join(about, 'src')];
  return ['.', ...packages, ...packages.map((path) => join(path, 'src'))]; // It speaks of the rooms that packages have.
}

const folders = /^\/?(?:\.ci|benchmarks|examples|packages|scripts|src|test)\//;
const fileName = /^\/?[\w./-]*\w\.(?:js|md|mjs|ts)$/;

/** The links of `file` that lead nowhere, and the paths in backticks that are none. */
function deadEndsOf(file: string): string[] {
  const lines = prose(read(file)).split('\n');
  return lines.flatMap((text, index) => {
    const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, target = '']) => target)
      .filter(
        (target) => !/^[a-z]+:/.test(target) && !existsSync(join(root, dirname(file), target)),
      );
    const paths = [...text.matchAll(/`([^`]+)`/g)]
      .map(([, path = '']) => path)
      .filter((path) => /^[\w./-]+$/.test(path) && (folders.test(path) || fileName.test(path)))
      .filter((path) => !basesOf(file, index).some((base) => existsSync(join(root, base, path))));
    return [...links, ...paths].map((path) => `${file}:${String(index + 1)}: ${path}`);
  });
}

/** The names in backticks of the first column of the tables in `text`. */
function firstColumn(text: string): string[] {
  const cells = [...text.matchAll(/^\|([^|]*)\|/gm)].map(([, cell = '']) => cell);
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));
}

/** The part of `text` under the heading `title`. */
function section(text: string, title: string): string {
  const [, part = ''] = text.split(`\n## ${title}\n`);
  return part.split('\n## ')[0] ?? '';
}

/** The dependencies of the repository that are not ours. */
function dependencies(): string[] {
  const manifests = ['.', ...packages, 'examples', 'benchmarks', 'test'].map(
    (path) => JSON.parse(read(join(path, 'package.json'))) as Record<string, object | undefined>,
  );
  const names = manifests.flatMap((manifest) =>
    ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'].flatMap(
      (kind) => Object.keys(manifest[kind] ?? {}),
    ),
  );
  return [...new Set(names)].filter((name) => !name.startsWith('@jbstore/')).sort();
}

describe('examples', () => {
  const blocks = [
    ...texts.flatMap((file) => blocksOf(file, read(file))),
    ...sources.flatMap((file) => examplesOf(file)),
  ];

  test('all compile', () => {
    expect(blocks.length).toBeGreaterThan(15);
    expect(compile(blocks)).toStrictEqual([]);
  }, 60_000);

  test('of tests are tests that pass', () => {
    const file = 'packages/testkit/README.md';

    const [example] = blocksOf(file, read(file));

    expect(example?.code).toBe(read('test/testkit-example.test.ts'));
  });

  test('are looked at as they stand, with what is given', () => {
    const text = '# A\n\n<!-- given: declare const n: number; -->\n\n```ts\nn;\nm;\n```\n';
    const [block] = blocksOf('README.md', text);

    expect(block).toStrictEqual({
      file: 'README.md',
      line: 6,
      code: 'n;\nm;\n',
      given: 'declare const n: number;\n',
    });
  });
});

describe('the graph of a node', () => {
  test('in the manual of the runtime is that of its assembly: `npm run graph` draws it anew', async () => {
    const graph = toMermaid(await graphOfNode());

    expect(read('packages/core/README.md')).toContain(`\n\`\`\`mermaid\n${graph}\`\`\`\n`);
  });
});

describe('the map', () => {
  test('names every package, and no other', () => {
    const headings = read('ARCHITECTURE.md').matchAll(/^### `(packages\/[^`]+)`$/gm);
    const rows = firstColumn(section(read('README.md'), 'Packages'));

    expect([...headings].map(([, path]) => path).sort()).toStrictEqual([...packages].sort());
    expect(rows.sort()).toStrictEqual(packages.map((path) => `@jbstore/${basename(path)}`).sort());
  });

  test('has a reason for every dependency, and for no other', () => {
    const named = firstColumn(section(read('ARCHITECTURE.md'), 'Dependencies, and why'));

    expect(named.sort()).toStrictEqual(dependencies());
  });

  test.each(texts)('every path in %s leads somewhere', (file) => {
    expect(deadEndsOf(file)).toStrictEqual([]);
  });
});

describe('the rooms', () => {
  test.each(packages)('%s has them', (path) => {
    const { bin } = JSON.parse(read(join(path, 'package.json'))) as { readonly bin?: object };
    const door = bin ? 'src/main.ts' : 'src/index.ts';
    const rooms = ['LICENSE', 'README.md', 'package.json', 'tsconfig.json', door, 'test'];

    expect(rooms.filter((room) => !existsSync(join(root, path, room)))).toStrictEqual([]);
  });

  test('each package is built, and says its full name first', () => {
    const { references } = JSON.parse(read('tsconfig.json')) as {
      readonly references: readonly { readonly path: string }[];
    };

    expect(references.map(({ path }) => path).sort()).toStrictEqual([...packages].sort());
    expect(readmes.filter((file) => !/^# \S.+\n\n/.test(read(file)))).toStrictEqual([]);
  });
});
