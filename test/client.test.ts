import { getEventListeners } from 'node:events';

import {
  CannotConnectError,
  ChangeRefusedError,
  ClosedError,
  InvalidArgumentError,
  KeySizeError,
  NotANumberError,
  OutcomeUnknownError,
  UnavailableError,
  UnsupportedOperationError,
  ValueSizeError,
  connect,
  type Store,
  type StoreEvent,
} from '@jbstore/client';
import { Recorder, check, keyValue, type Operation } from '@jbstore/linearizability';
import { parseAddress } from '@jbstore/network/port';
import { startNode, type RunningNode } from '@jbstore/node';
import fc from 'fast-check';

const placeOf = (node: RunningNode): string =>
  `127.0.0.1:${String(parseAddress(node.address).port)}`;

/** Real nodes on real sockets, and a store that is connected with them. */
async function startStore(nodes: number): Promise<{ nodes: RunningNode[]; store: Store }> {
  const settings = { port: 0, nodes, logLevel: 'silent' } as const;
  const first = await startNode(settings);
  const others = Array.from({ length: nodes - 1 }, () =>
    startNode({ ...settings, join: placeOf(first) }),
  );
  const all = [first, ...(await Promise.all(others))];
  await Promise.all(all.map((node) => node.ready));
  return { nodes: all, store: await connect(all.map(placeOf), { timeoutMs: 20_000 }) };
}

jest.setTimeout(180_000);

describe('a store that is connected with three nodes', () => {
  let nodes: RunningNode[];
  let store: Store;

  beforeAll(async () => {
    ({ nodes, store } = await startStore(3));
  });

  afterAll(async () => {
    await store.close();
    await Promise.all(nodes.map((node) => node.stop()));
  });

  test('returns any bytes that were put under any key', async () => {
    const key = fc.uint8Array({ minLength: 1, maxLength: 1024 });
    const value = fc.uint8Array({ maxLength: 4096 });
    await fc.assert(
      fc.asyncProperty(key, value, async (anyKey, anyValue) => {
        await store.put(anyKey, anyValue);
        expect(Buffer.from((await store.get(anyKey)) ?? 'nothing')).toStrictEqual(
          Buffer.from(anyValue),
        );
      }),
      { numRuns: 50 },
    );
  });

  test('takes strings as UTF-8, and says undefined where nothing is stored', async () => {
    await store.put('grüße', 'schöne 🌍');

    expect(await store.getText(Buffer.from('grüße'))).toBe('schöne 🌍');
    expect(await store.get('nothing')).toBeUndefined();
    expect(await store.getText('nothing')).toBeUndefined();
  });

  test('carries many requests at once, and the largest value', async () => {
    const numbers = Array.from({ length: 500 }, (_, number) => String(number));
    await Promise.all(numbers.map((number) => store.put(`many ${number}`, number)));
    const values = await Promise.all(numbers.map((number) => store.getText(`many ${number}`)));
    expect(values).toStrictEqual(numbers);

    const largest = Buffer.alloc(1024 * 1024, 7);
    await store.put('largest', largest);
    expect(largest.equals((await store.get('largest')) ?? Buffer.alloc(0))).toBe(true);
  });

  test('deletes, compares and sets, and counts, each once; every change has a higher version', async () => {
    expect(await store.getWithVersion('counter')).toBeUndefined();
    expect(await store.increment('counter')).toBe(1);
    expect(await store.increment('counter', -43)).toBe(-42);
    expect(await store.getText('counter')).toBe('-42');
    await Promise.all(Array.from({ length: 200 }, () => store.increment('counter')));
    const counted = await store.getWithVersion('counter');
    expect(counted).toEqual({ value: new Uint8Array(Buffer.from('158')), version: 202, era: 0 });

    const { swapped, version } = await store.cas('counter', { version: 202 }, 'text');
    expect([swapped, version]).toEqual([true, 203]);
    await expect(store.increment('counter')).rejects.toThrow(NotANumberError);
    expect(await store.cas('counter', { value: '158' }, 'x')).toEqual({
      swapped: false,
      version: 203,
      era: 0,
    });
    expect(await store.cas('counter', { value: 'text' }, 'y')).toEqual({
      swapped: true,
      version: 204,
      era: 0,
    });

    await store.delete('counter');
    await store.delete('counter');
    expect(await store.get('counter')).toBeUndefined();
    const absent = await store.cas('counter', { version: 204 }, 'z');
    expect(absent).toEqual({ swapped: false, version: undefined, era: 0 });
    const present = await store.cas('counter', 'absent', '7');
    expect(present).toEqual({ swapped: true, version: 206, era: 0 });
    expect(await store.increment('counter')).toBe(8);
  });

  test.each([
    ['cas', () => store.cas('k', { version: 0 }, 'v')],
    ['cas', () => store.cas('k', {} as { version: number }, 'v')],
    ['cas', () => store.cas('k', null as unknown as 'absent', 'v')],
    ['increment', () => store.increment('k', 0.5)],
  ])('rejects a %s with an argument that is none', async (_operation, call) => {
    await expect(call()).rejects.toThrow(InvalidArgumentError);
  });

  test('lists every key once, over more than a page', async () => {
    const numbers = Array.from({ length: 1_500 }, (_, number) => `listed ${String(number)}`);
    await Promise.all(numbers.map((key) => store.put(key, '')));

    const keys: string[] = [];
    for await (const key of store.keys()) if (key.startsWith('listed ')) keys.push(key);

    expect(keys.sort()).toStrictEqual(numbers.sort());
  });

  test('says who the members are, and what each holds', async () => {
    const { view, suspected, nodes: members } = await store.status();

    expect(view.members).toHaveLength(3);
    expect(suspected).toStrictEqual([]);
    expect(members.every(({ reachable, keys }) => reachable && (keys ?? 0) > 0)).toBe(true);
  });

  test('refuses what is outside the limits', async () => {
    await expect(store.put('', 'v')).rejects.toThrow(KeySizeError);
    await expect(store.get('k'.repeat(1025))).rejects.toThrow('1 to 1024 bytes');
    await expect(store.put('k', new Uint8Array(1024 * 1024 + 1))).rejects.toThrow(ValueSizeError);
  });

  test('rejects a call with an argument that is none, and only that call', async () => {
    const odd = undefined as unknown as string;
    await expect(store.put('x', odd)).rejects.toThrow(InvalidArgumentError);
    await expect(store.get(odd)).rejects.toThrow('a key is a string or a Uint8Array');
    await expect(store.get('x', { timeoutMs: NaN })).rejects.toThrow(InvalidArgumentError);
    await expect(store.get('x', { timeoutMs: -1 })).rejects.toThrow('greater than 0');
    await expect(connect([])).rejects.toThrow(InvalidArgumentError);
    await expect(connect('127.0.0.1:1', { timeoutMs: -1 })).rejects.toThrow('timeoutMs');

    expect(await store.get('nothing', { timeoutMs: Infinity })).toBeUndefined();
  });

  test('carries many of the largest values at once', async () => {
    const largest = Buffer.alloc(1024 * 1024, 7);
    const keys = Array.from({ length: 150 }, (_, number) => `large ${String(number)}`);

    // It is about room, not about time.
    const unhurried = { timeoutMs: Infinity };
    await Promise.all(keys.map((key) => store.put(key, largest, unhurried)));
    const values = await Promise.all(keys.map((key) => store.get(key, unhurried)));

    expect(values.every((value) => value && largest.equals(value))).toBe(true);
  });

  test('rejects with the reason of a signal that is aborted, before or meanwhile', async () => {
    const reason = new Error('no longer wanted');
    await expect(store.get('k', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);

    const controller = new AbortController();
    const getting = store.get('k', { signal: controller.signal });
    controller.abort(reason);
    await expect(getting).rejects.toBe(reason);
  });

  test('listens to a signal once, however many calls have it, as Node warns of many listeners', async () => {
    const { signal } = new AbortController();

    const gets = Array.from({ length: 20 }, () => store.get('k', { signal }));

    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all(gets);
    expect(getEventListeners(signal, 'abort')).toStrictEqual([]);
  });

  test('tells a recorder what was called and what came of it', async () => {
    const history: Operation[] = [];
    let now = 0;
    const recorder = new Recorder({
      now: () => (now += 1),
      record: (operation) => history.push(operation),
    });
    const other = await connect(nodes.map(placeOf), { recorder });
    const signal = AbortSignal.abort();

    await other.put('recorded', 'a');
    await other.get('recorded');
    await other.get('recorded nowhere');
    await other.put('recorded', Buffer.from([0xff]));
    await expect(other.put('recorded', 'b', { signal })).rejects.toThrow('aborted');
    await expect(other.put('recorded', Buffer.alloc(1024 * 1024 + 1))).rejects.toThrow();
    await other.close();

    const told = history.map(({ client, op, ...rest }) => [
      ...[
        client,
        op,
        'value' in rest ? rest.value : undefined,
        rest.call,
        rest.return,
        rest.status,
      ],
    ]);
    expect(told.slice(0, 5)).toEqual([
      [0, 'put', 'a', 1, 2, 'ok'],
      [0, 'get', 'a', 3, 4, 'ok'],
      [0, 'get', null, 5, 6, 'ok'],
      [0, 'put', 'bytes:ff', 7, 8, 'ok'],
      [0, 'put', 'b', 9, null, 'unknown'],
    ]);
    expect(history[5]).toMatchObject({
      client: 1,
      op: 'put',
      call: 10,
      return: 11,
      status: 'fail',
    });
    expect(history).toHaveLength(6);
  });

  test('tells a recorder of a compare and set what it compares, and of a count what came of it', async () => {
    const history: Operation[] = [];
    let now = 0;
    const recorder = new Recorder({
      now: () => (now += 1),
      record: (operation) => history.push(operation),
    });
    const other = await connect(nodes.map(placeOf), { recorder });

    await other.cas('tally', 'absent', '1');
    await other.cas('tally', { value: '2' }, '3');
    await other.cas('tally', { version: 1 }, '5');
    await other.cas('tally', { version: 1 }, '6');
    await other.increment('tally', 2);
    await other.getWithVersion('tally');
    await other.delete('tally');
    await other.put('tally', 'text');
    await expect(other.increment('tally')).rejects.toThrow(NotANumberError);
    await other.close();

    expect(history).toMatchObject([
      { op: 'cas', key: 'tally', from: null, to: '1', status: 'ok' },
      { op: 'cas', key: 'tally', from: '2', to: '3', status: 'fail' },
      { op: 'put', key: 'tally', value: '5', status: 'ok' },
      { op: 'put', key: 'tally', value: '6', status: 'fail' },
      { op: 'increment', key: 'tally', by: 2, value: '7', status: 'ok' },
      { op: 'get', key: 'tally', value: '7', status: 'ok' },
      { op: 'delete', key: 'tally', status: 'ok' },
      { op: 'put', key: 'tally', value: 'text', status: 'ok' },
      { op: 'increment', key: 'tally', by: 1, value: null, status: 'fail' },
    ]);
    expect(check(history, keyValue()).verdict).toBe('linearizable');
  });

  test('rejects what runs and what is asked when it was closed', async () => {
    const other = await connect(nodes.map(placeOf));
    const running = [other.get('k'), other.status()];
    const rejected = running.map((call) => expect(call).rejects.toThrow(ClosedError));
    await Promise.all([...rejected, other.close()]);
    await expect(other.put('k', 'v')).rejects.toThrow(ClosedError);
    await expect(other.status()).rejects.toThrow(ClosedError);
  });
});

test('connecting ends with the reason: nobody there, another cluster, no view yet, an abort', async () => {
  const waiting = await startNode({ port: 0, nodes: 3, logLevel: 'silent' });
  const place = placeOf(waiting);

  const nobody = connect('127.0.0.1:1', { timeoutMs: 300 });
  await expect(nobody).rejects.toThrow(CannotConnectError);
  await expect(nobody).rejects.toThrow('ECONNREFUSED');
  await expect(connect(place, { clusterId: 'another' })).rejects.toThrow(/cluster/);
  await expect(connect(place, { timeoutMs: 500 })).rejects.toThrow('1 of 3');
  const signal = AbortSignal.timeout(100);
  await expect(connect(place, { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
  await expect(connect('not a place')).rejects.toThrow('is no address');

  await waiting.stop();
});

test('without a majority calls end in time, with what is known, and the store says what it sees', async () => {
  const { nodes, store } = await startStore(3);
  await store.put('k', 'v');
  const events: StoreEvent[] = [];
  store.events.subscribe((event) => events.push(event));

  await nodes[1]?.stop();
  expect(await store.getText('k')).toBe('v');
  await nodes[2]?.stop();
  await expect(store.get('k', { timeoutMs: 700 })).rejects.toThrow(UnavailableError);
  const puts = Array.from({ length: 20 }, (_, number) =>
    store.put(String(number), 'v', { timeoutMs: 700 }).catch((error: unknown) => error),
  );
  for (const error of await Promise.all(puts)) {
    expect(error).toBeInstanceOf(OutcomeUnknownError);
    expect(error).not.toBeInstanceOf(UnavailableError);
  }
  expect(events.map(({ type }) => type)).toContain('disconnected');

  await store.close();
  await nodes[0]?.stop();
});

test('who reads after a loss is told first that another era has begun, and of which era each value is', async () => {
  const { nodes, store } = await startStore(3);
  await store.put('k', 'v');
  const seen: unknown[] = [];
  store.events.subscribe(({ type }) => {
    if (type === 'era') seen.push([store.era, store.view.era]);
  });
  const [, ...lost] = nodes.map(placeOf);
  await nodes[1]?.stop();
  await nodes[2]?.stop();

  // Until both are suspected it is refused, as they may be alive.
  const force = { kind: 'force', lost, beginEmpty: false } as const;
  while (
    (await store.change(force).catch((error: unknown) => error)) instanceof ChangeRefusedError
  );
  const found = await store.getWithVersion('k', { timeoutMs: 20_000 });

  expect(found).toEqual({ value: new Uint8Array(Buffer.from('v')), version: 1, era: 1 });
  expect(seen).toEqual([[1, 1]]);
  expect(await store.cas('k', { version: 1 }, 'w')).toMatchObject({ swapped: true, era: 1 });

  await store.close();
  await nodes[0]?.stop();
});

test('where registers are not exactly-once, what needs them rejects at once, with what to do', async () => {
  const settings = { nodes: 1, port: 0, register: 'multi-writer', logLevel: 'silent' } as const;
  const node = await startNode(settings);
  await node.ready;
  const store = await connect(placeOf(node));

  for (const call of [
    store.delete('k'),
    store.cas('k', 'absent', 'v'),
    store.increment('k'),
    store.getWithVersion('k'),
  ]) {
    await expect(call).rejects.toThrow(UnsupportedOperationError);
    await expect(call).rejects.toThrow('start its nodes with --register exactly-once');
  }

  await store.close();
  await node.stop();
});
