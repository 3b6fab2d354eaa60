import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  ConfigurationError,
  NodeConfiguration,
  fileNames,
  readConfiguration,
  settingDescriptions,
  type ConfigurationIssue,
  type ConfigurationSources,
} from '@jbstore/node';
import { largestGroup } from '@jbstore/register';
import fc from 'fast-check';

const directory = mkdtempSync(join(tmpdir(), 'jbstore-configuration-'));

afterAll(() => {
  rmSync(directory, { recursive: true });
});

function fileWith(content: string, name = 'node.json'): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function issuesOf(sources: ConfigurationSources): readonly ConfigurationIssue[] {
  try {
    readConfiguration(sources);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.issues;
    throw error;
  }
  return [];
}

function problemOf(sources: ConfigurationSources): string {
  return issuesOf(sources)
    .map(({ text }) => text)
    .join('\n');
}

describe('precedence', () => {
  test('what nobody says is by default', () => {
    const configuration = readConfiguration({});

    expect(configuration).toMatchObject({
      host: '127.0.0.1',
      port: 7100,
      nodes: 3,
      replication: 3,
      clusterId: 'jbstore',
      register: 'exactly-once',
      allowRemote: false,
      metricsHost: '127.0.0.1',
    });
    expect(configuration.join).toBeUndefined();
    expect(configuration.metricsPort).toBeUndefined();
  });

  test('code is stronger than a flag, that than the environment, that than a file', () => {
    const port = fc.option(fc.integer({ min: 0, max: 65_535 }), { nil: undefined });

    fc.assert(
      fc.property(port, port, port, port, (code, flag, environment, inFile) => {
        const file = fileWith(JSON.stringify({ port: inFile }));
        const sources = {
          code: { port: code },
          flags: { port: flag?.toString() },
          environment: { JBSTORE_PORT: environment?.toString() },
          file,
        };

        const expected = code ?? flag ?? environment ?? inFile ?? 7100;
        expect(readConfiguration(sources).port).toBe(expected);
      }),
    );
  });

  test('settings of different sources come together', () => {
    const file = fileWith('{"clusterId": "blue", "nodes": 5, "allowRemote": true}');
    const environment = { JBSTORE_NODES: '7', JBSTORE_HOST: '10.0.0.1', JBSTORE_LOG_LEVEL: ' ' };

    const configuration = readConfiguration({
      file,
      environment,
      flags: { register: 'single-writer' },
    });

    expect(configuration).toMatchObject({
      clusterId: 'blue',
      nodes: 7,
      host: '10.0.0.1',
      register: 'single-writer',
      logLevel: 'info',
    });
  });

  test.each(fileNames)('%s is found in the directory, and nowhere above it', (name) => {
    const inside = mkdtempSync(join(directory, 'inside-'));
    writeFileSync(join(inside, name), '{"port": 7777}');

    expect(readConfiguration({ directory: inside }).port).toBe(7777);
    expect(readConfiguration({ directory: mkdtempSync(join(inside, 'below-')) }).port).toBe(7100);
  });

  test('a configuration may be read again, and is the same', () => {
    const configuration = readConfiguration({
      code: { nodes: 2, join: 'localhost:1', metricsPort: 0 },
    });

    expect(readConfiguration({ code: configuration })).toEqual(configuration);
    expect(NodeConfiguration.parse(configuration)).toEqual(configuration);
  });

  test.each(['true', '1', 'YES'])(
    'the text %s is true, as a flag and in the environment',
    (text) => {
      expect(readConfiguration({ flags: { allowRemote: text } }).allowRemote).toBe(true);
      expect(readConfiguration({ environment: { JBSTORE_ALLOW_REMOTE: text } }).allowRemote).toBe(
        true,
      );
    },
  );
});

describe('what is wrong is named as its source names it', () => {
  test.each<[string, ConfigurationSources, string]>([
    [
      'a flag',
      { flags: { port: 'x' } },
      '--port is "x": it must be a whole number from 0 to 65535',
    ],
    [
      'the environment',
      { environment: { JBSTORE_METRICS_PORT: '70000' } },
      'JBSTORE_METRICS_PORT in the environment is 70000: it must be a whole number from 0 to 65535',
    ],
    ['code', { code: { clusterId: 'a b' } }, 'clusterId is "a b": it must be a name of 1 to 128'],
    [
      'a choice',
      { flags: { register: 'fast' } },
      'must be one of exactly-once, multi-writer, single-writer',
    ],
    [
      'a boolean',
      { flags: { allowRemote: 'maybe' } },
      '--allow-remote is "maybe": it must be true or',
    ],
    ['a fraction', { flags: { nodes: '2.5' } }, '--nodes is "2.5": it must be a whole number'],
    ['an empty flag', { flags: { nodes: '' } }, '--nodes is "": it must be a whole number'],
    [
      'no endpoint',
      { flags: { join: '127.0.0.1' } },
      '--join is "127.0.0.1": it must be host:port',
    ],
  ])('%s', (_, sources, text) => {
    expect(problemOf(sources)).toContain(text);
    expect(issuesOf(sources)).toHaveLength(1);
  });

  test('a file, with its path', () => {
    const file = fileWith('{"port": "7100"}');

    expect(problemOf({ file })).toBe(
      `"port" in ${file} is "7100": it must be a whole number from 0 to 65535`,
    );
    expect(issuesOf({ file })[0]).toMatchObject({ setting: 'port', source: 'file' });
  });

  test('a program that exports its settings is a file as well', () => {
    const file = fileWith('module.exports = { port: 7000 + 7 };', 'node.cjs');

    expect(readConfiguration({ file }).port).toBe(7007);
  });

  test('everything that is wrong is said at once', () => {
    const sources = {
      flags: { port: 'x', nodes: '0' },
      environment: { JBSTORE_LOG_LEVEL: 'loud' },
    };

    expect(issuesOf(sources).map(({ setting }) => setting)).toEqual(
      expect.arrayContaining(['port', 'nodes', 'logLevel']),
    );
  });

  test('a setting that there is not, in code and in a file', () => {
    const file = fileWith('{"prot": 7100}');
    const misspelt = { port: 7100, prot: 7100 };

    expect(problemOf({ file })).toContain(`${file} has no setting "prot": choose from host, port`);
    expect(problemOf({ code: misspelt })).toContain('the given settings has no setting "prot"');
  });

  test('a file that is missing, broken, or no object', () => {
    const missing = join(directory, 'missing.json');

    expect(problemOf({ file: missing })).toMatch(/missing\.json cannot be read: ENOENT/);
    expect(problemOf({ file: fileWith('{port: 1}') })).toMatch(/node\.json cannot be read: /);
    expect(problemOf({ file: fileWith('[7100]') })).toContain('must hold an object, such as');
    expect(problemOf({ file: fileWith('port: 1', 'node.yaml') })).toContain(
      'node.yaml cannot be read',
    );
    fileWith('{', '.jbstorerc');
    expect(problemOf({ directory })).toContain('configuration file that cannot be read');
  });
});

describe('what does not agree', () => {
  test('δ is at most N, whoever says them', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 32 }),
        (nodes, replication) => {
          const sources = { environment: { JBSTORE_NODES: `${nodes}` }, flags: { replication } };

          const wrong = replication > nodes;
          expect(issuesOf(sources).map(({ setting }) => setting)).toEqual(
            wrong ? ['replication'] : [],
          );
        },
      ),
    );
    expect(problemOf({ flags: { replication: '4' } })).toBe(
      '--replication is 4: it must be at most the number of nodes, 3: a key cannot be held by more ' +
        'nodes than there are; lower the replication, or raise the number of nodes',
    );
  });

  test('δ by default is 3, or all nodes if they are fewer', () => {
    const replications = [1, 2, 3, 4].map(
      (nodes) => readConfiguration({ code: { nodes } }).replication,
    );

    expect(replications).toEqual([1, 2, 3, 3]);
  });

  test('no group is larger than a register can have', () => {
    const code = (replication: number): ConfigurationSources => ({
      code: { nodes: 100, replication },
    });

    expect(issuesOf(code(largestGroup))).toEqual([]);
    expect(problemOf(code(largestGroup + 1))).toContain(`from 1 to ${largestGroup}`);
  });

  test.each(['10.0.0.1', 'example.com', '::2', '127.evil.example', '128.0.0.1'])(
    '%s is reached by other machines, which must be allowed',
    (host) => {
      expect(problemOf({ flags: { host } })).toContain('nothing is encrypted or authenticated yet');
      expect(problemOf({ flags: { metricsHost: host } })).toContain('--metrics-host');
      expect(issuesOf({ flags: { host, allowRemote: true } })).toEqual([]);
    },
  );

  test.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('%s is of this machine', (host) => {
    expect(issuesOf({ flags: { host } })).toEqual([]);
  });

  test.each(['0.0.0.0', '0', '::', '0::0'])('%s is no address of a node', (host) => {
    const allowed = { host, allowRemote: true };

    expect(problemOf({ flags: allowed })).toContain('by advertiseHost (--advertise-host)');
    expect(issuesOf({ flags: { ...allowed, advertiseHost: '10.0.0.1' } })).toEqual([]);
    expect(problemOf({ flags: { host, advertiseHost: '10.0.0.1' } })).toContain('--allow-remote');
  });

  test('a node does not join itself, nor anybody in a cluster of one', () => {
    expect(problemOf({ flags: { join: '127.0.0.1:7100' } })).toContain('must be another node');
    expect(issuesOf({ flags: { join: '127.0.0.1:7101' } })).toEqual([]);
    expect(problemOf({ flags: { join: '127.0.0.1:7101', nodes: 1 } })).toContain(
      'a cluster of 1 node',
    );
  });
});

describe('never anything but a configuration or a ConfigurationError', () => {
  const names = settingDescriptions.map(({ setting }) => setting);

  test('whatever a file or flags hold', () => {
    const flags = fc.dictionary(fc.constantFrom(...names), fc.oneof(fc.string(), fc.integer()));

    fc.assert(
      fc.property(fc.jsonValue(), flags, (content, given) => {
        const file = fileWith(JSON.stringify(content));
        for (const { text } of issuesOf({ file, flags: given })) expect(text).not.toBe('');
      }),
    );
  });
});

test('the README lists every setting as it is', () => {
  const readme = readFileSync(join(__dirname, '../README.md'), 'utf8');
  const rows = settingDescriptions.map(
    ({ setting, flag, variable, choices, defaultValue, description }) => {
      const described = choices ? `${description}: ${choices.join(', ')}` : description;
      return [
        `\`${setting}\``,
        `\`${flag}\``,
        `\`${variable}\``,
        String(defaultValue ?? ''),
        described,
      ];
    },
  );
  const cells = readme
    .split('\n')
    .filter((line) => line.includes('`JBSTORE_'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

  expect(cells).toEqual(rows);
});
