import { Failed, Get, Page, Put, Scan, Value } from '@jbstore/store/port';

import { VirtualCluster, type VirtualClusterOptions } from './virtual-cluster';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (value: Uint8Array): string => Buffer.from(value).toString();
const keys = Array.from({ length: 40 }, (_, index) => `key ${String(index)}`);

function setUp(options: VirtualClusterOptions = {}) {
  const cluster = new VirtualCluster(options);
  const { processes } = cluster;
  const jb = cluster.client('client');
  processes.start();
  processes.advance(1_000);
  /** The only answer to `request`, which comes within its time. */
  const ask = (request: Put | Get | Scan): ReturnType<typeof jb.take>[number] | undefined => {
    jb.trigger(request);
    for (let passedMs = 0; passedMs < 5_100; passedMs += 10) {
      processes.advance(10);
      const [answer] = jb.take();
      if (answer) return answer;
    }
    return undefined;
  };
  const put = (key: string, value: string): string | undefined => {
    const answer = ask(new Put(bytes(key), bytes(value)));
    return answer instanceof Failed ? answer.failure : answer?.constructor.name;
  };
  const get = (key: string): string | undefined => {
    const answer = ask(new Get(bytes(key)));
    if (answer instanceof Value) return text(answer.value);
    return answer instanceof Failed ? answer.failure : answer?.constructor.name;
  };
  const scan = (): string[] => {
    const found: string[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined;) {
      const page = ask(new Scan(cursor, 7));
      if (!(page instanceof Page)) throw new Error(`no page but ${String(page?.constructor.name)}`);
      found.push(...page.keys.map(text));
      cursor = page.next;
    }
    return found;
  };
  return { cluster, processes, put, get, scan };
}

describe.each([
  { nodes: 3, replication: 3, register: 'exactly-once' },
  { nodes: 5, replication: 3, register: 'exactly-once' },
  { nodes: 4, replication: 2, register: 'exactly-once' },
  { nodes: 1, replication: 1, register: 'exactly-once' },
  { nodes: 7, replication: 5, register: 'exactly-once' },
  { nodes: 3, replication: 3, register: 'multi-writer' },
  { nodes: 5, replication: 3, register: 'multi-writer' },
  { nodes: 5, replication: 3, register: 'single-writer' },
  { nodes: 4, replication: 2, register: 'multi-writer' },
  { nodes: 1, replication: 1, register: 'multi-writer' },
  { nodes: 7, replication: 5, register: 'single-writer' },
] as const)('a store of %o', (options) => {
  test('returns what was stored, and lists every key once', () => {
    const { put, get, scan } = setUp(options);
    expect(get('nothing')).toBe('NotFound');

    for (const key of keys) expect(put(key, `value of ${key}`)).toBe('Ok');
    expect(put('key 3', 'again')).toBe('Ok');

    for (const key of keys) expect(get(key)).toBe(key === 'key 3' ? 'again' : `value of ${key}`);
    expect(scan().sort()).toStrictEqual([...keys].sort());
  });
});

describe.each(['exactly-once', 'multi-writer'] as const)(
  'a store of five nodes with three copies, %s',
  (register) => {
    test.each([0, 1, 2, 3, 4])('loses nothing when node %i crashes, and goes on', (victim) => {
      const { cluster, processes, put, get, scan } = setUp({ nodes: 5, register });
      for (const key of keys) put(key, `value of ${key}`);

      const node = cluster.nodes[victim];
      if (node) processes.crash(node);

      for (const key of keys) expect(get(key)).toBe(`value of ${key}`);
      expect(scan().sort()).toStrictEqual([...keys].sort());
      for (const key of keys) expect(put(key, `another value of ${key}`)).toBe('Ok');
      for (const key of keys) expect(get(key)).toBe(`another value of ${key}`);
    });

    test('fails in time where a majority has crashed, and serves elsewhere', () => {
      const { cluster, processes, put, get } = setUp({ nodes: 5, register });
      for (const key of keys) put(key, `value of ${key}`);
      for (const node of cluster.nodes.slice(3)) processes.crash(node);
      processes.advance(5_000);

      // With a number in a session it is repeated to the end, so that nobody can say what became of it.
      const failure = register === 'exactly-once' ? 'outcome unknown' : 'unavailable';
      for (const key of keys) {
        const answer = put(key, 'v');
        expect(['Ok', failure]).toContain(answer);
        expect(get(key)).toBe(answer === 'Ok' ? 'v' : 'unavailable');
      }
      expect(new Set(keys.map(get))).toStrictEqual(new Set(['v', 'unavailable']));
    });
  },
);
