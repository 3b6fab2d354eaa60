import {
  positionOf,
  NewView,
  SuspicionsChanged,
  Waiting,
  firstView,
  type FirstViewSettings,
  type View,
} from '@jbstore/gms/port';
import { address, ProcessId, type Address } from '@jbstore/network/port';
import {
  Abandon,
  Abandoned,
  Admit,
  Read,
  ReadReturn,
  Write,
  WriteReturn,
} from '@jbstore/register/port';
import { SchedulePeriodicTimeout } from '@jbstore/timer/port';
import { Harness } from '@jbstore/testkit';

import { KeyValueStore } from '../src/key-value-store';
import {
  GetRequest,
  NotFoundReply,
  OkReply,
  PutRequest,
  RefusedReply,
  ValueReply,
} from '../src/messages';

const node = (name: string, port: number): Address =>
  address({ id: ProcessId.parse(name), host: '127.0.0.1', port });
const [a, b, c, d] = [node('a', 1), node('b', 2), node('c', 3), node('d', 4)];
const client = address({ id: ProcessId.parse('client') });

const settings = { clusterId: 'test', replication: 3, register: 'multi-writer' } as const;
const viewOf = (members: readonly Address[], options: Partial<FirstViewSettings> = {}): View =>
  firstView({ ...settings, ...options }, members);

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** A key that the member with this index of four owns. */
function keyOwnedBy(index: number): Uint8Array {
  for (let number = 0; ; number += 1) {
    const key = bytes(`key ${String(number)}`);
    if (Math.floor(positionOf(key).charCodeAt(0) / 64) === index) return key;
  }
}

function setUp(init: { readonly mostRunning?: number; readonly mostPutBytes?: number } = {}) {
  const harness = new Harness();
  const store = harness.create(KeyValueStore, { self: a, tickMs: 10, ...init });
  const network = harness.providerOf(store.network);
  const register = harness.providerOf(store.register);
  const membership = harness.providerOf(store.membership);
  const timer = harness.providerOf(store.timer);
  harness.start();
  const admittedAtStart = register.takeOne(Admit).processes;
  /** Who is admitted to the registers when `view` is installed. */
  const install = (view: View): readonly Address[] => {
    membership.trigger(new NewView(view));
    return register.takeOne(Admit).processes;
  };
  const { timeout } = timer.takeOne(SchedulePeriodicTimeout);
  const pass = (ms: number): void => {
    for (let passed = 0; passed < ms; passed += 10) timer.trigger(timeout);
  };
  const put = (key: Uint8Array, value = bytes('v')): void => {
    const body = { id: 7, key, value, timeoutMs: 100 };
    network.trigger(new PutRequest(a, body, { source: client }));
  };
  const get = (key: Uint8Array): void => {
    network.trigger(new GetRequest(a, { id: 8, key, timeoutMs: 100 }, { source: client }));
  };
  return { harness, network, register, membership, admittedAtStart, install, pass, put, get };
}

describe('KeyValueStore', () => {
  test('nobody uses the registers before there is a view, and then its members alone', () => {
    const { admittedAtStart, install } = setUp();

    expect(admittedAtStart).toStrictEqual([]);
    expect(install(viewOf([a, b, c, d]))).toStrictEqual([a, b, c, d]);
  });

  test('a store that starts again still admits the members of its view', () => {
    const { harness, register, install } = setUp();
    install(viewOf([a, b, c]));

    harness.stop();
    harness.settle();
    harness.start();

    expect(register.takeOne(Admit).processes).toStrictEqual([a, b, c]);
  });

  test('a put is one write of the register of its key, in the group of the key', () => {
    const { network, register, install, put } = setUp();
    install(viewOf([a, b, c, d]));
    const key = keyOwnedBy(3);

    put(key);
    const write = register.takeOne(Write);
    expect(write.register).toBe(positionOf(key) + Buffer.from(key).toString('latin1'));
    expect(write.group).toStrictEqual([d, a, b]);
    expect(network.take()).toStrictEqual([]);

    register.trigger(new WriteReturn(write));
    expect(network.takeOne(OkReply)).toMatchObject({ destination: client, id: 7 });
  });

  test('a get answers with the value of the register, or that there is none', () => {
    const { network, register, install, get } = setUp();
    install(viewOf([a, b, c]));

    get(bytes('k'));
    register.trigger(new ReadReturn(register.takeOne(Read), bytes('v')));
    expect(network.takeOne(ValueReply)).toMatchObject({ id: 8, value: bytes('v') });

    get(bytes('k'));
    register.trigger(new ReadReturn(register.takeOne(Read), undefined));
    expect(network.takeOne(NotFoundReply)).toMatchObject({ destination: client, id: 8 });
  });

  test('without a view everything is refused, with what is waited for', () => {
    const { network, register, membership, put } = setUp();
    membership.trigger(new Waiting('1 of 3 nodes have joined'));

    put(bytes('k'));

    const refusal = { code: 'no view', text: '1 of 3 nodes have joined' };
    expect(network.takeOne(RefusedReply)).toMatchObject({ destination: client, id: 7, ...refusal });
    expect(register.take()).toStrictEqual([]);
  });

  test('a request at the wrong node is answered with where to go', () => {
    const { network, register, install, get } = setUp();
    install(viewOf([a, b, c, d]));

    get(keyOwnedBy(1));

    const { code, text } = network.takeOne(RefusedReply);
    expect(code).toBe('wrong node');
    for (const member of [b, c, d]) expect(text).toContain(member);
    expect(register.take()).toStrictEqual([]);
  });

  test('with a single writer, only the owner of a key puts, and every member of the group gets', () => {
    const { network, register, install, put, get } = setUp();
    install(viewOf([a, b, c, d], { register: 'single-writer' }));

    put(keyOwnedBy(3));
    expect(network.takeOne(RefusedReply)).toMatchObject({ code: 'wrong node' });
    put(keyOwnedBy(0));
    expect(register.takeOne(Write).group[0]).toBe(a);
    get(keyOwnedBy(3));
    expect(register.takeOne(Read).group[0]).toBe(d);
  });

  test('a request is refused at once while no majority of the group is unsuspected', () => {
    const { network, register, membership, install, put } = setUp();
    install(viewOf([a, b, c]));
    membership.trigger(new SuspicionsChanged([b, c]));

    put(bytes('k'));
    expect(network.takeOne(RefusedReply)).toMatchObject({ code: 'unavailable' });

    membership.trigger(new SuspicionsChanged([c]));
    put(bytes('k'));
    expect(register.takeOne(Write)).toBeDefined();
  });

  test.each([
    ['not executed', 'unavailable'],
    ['unknown', 'outcome unknown'],
  ] as const)('a put given up as %s is refused as %s', (outcome, code) => {
    const { network, register, install, put, pass } = setUp();
    install(viewOf([a, b, c]));
    put(bytes('k'));
    const write = register.takeOne(Write);

    pass(90);
    expect(register.take()).toStrictEqual([]);
    pass(50);
    expect(register.takeOne(Abandon).request).toBe(write);
    expect(network.take()).toStrictEqual([]);

    register.trigger(new Abandoned(write, outcome));
    expect(network.takeOne(RefusedReply)).toMatchObject({ id: 7, code });
    pass(200);
    expect(register.take()).toStrictEqual([]);
  });

  test('keys and values outside the limits are refused with the limit', () => {
    const { network, install, put, get } = setUp();
    install(viewOf([a, b, c]));

    put(bytes('k'), new Uint8Array(1024 * 1024 + 1));
    expect(network.takeOne(RefusedReply)).toMatchObject({ code: 'value size' });
    put(new Uint8Array(1025));
    expect(network.takeOne(RefusedReply)).toMatchObject({ code: 'key size' });
    get(bytes(''));
    expect(network.takeOne(RefusedReply).text).toContain('1 to 1024 bytes');
  });

  test('answers to the register operations of others are ignored', () => {
    const { network, install, register } = setUp();
    install(viewOf([a, b, c]));

    register.trigger(new WriteReturn(new Write('r', bytes('v'), [a])));
    register.trigger(new ReadReturn(new Read('r', [a]), bytes('v')));
    register.trigger(new Abandoned(new Read('r', [a]), 'not executed'));

    expect(network.take()).toStrictEqual([]);
  });

  test('a node that performs as many requests as it may refuses more', () => {
    const { network, register, install, get } = setUp({ mostRunning: 1 });
    install(viewOf([a, b, c]));

    get(bytes('k'));
    const read = register.takeOne(Read);
    get(bytes('l'));
    expect(network.takeOne(RefusedReply)).toMatchObject({ code: 'unavailable' });

    register.trigger(new ReadReturn(read, undefined));
    network.take();
    get(bytes('l'));
    expect(register.takeOne(Read)).toBeDefined();
  });

  test('puts of more bytes at a time than a node takes are refused, until others are done', () => {
    const { network, register, install, put, get } = setUp({ mostPutBytes: 10 });
    install(viewOf([a, b, c]));

    put(bytes('k'), new Uint8Array(20));
    const large = register.takeOne(Write);
    put(bytes('l'), new Uint8Array(1));
    expect(network.takeOne(RefusedReply)).toMatchObject({ code: 'unavailable' });
    get(bytes('l'));
    put(bytes('m'), new Uint8Array(0));
    expect(register.take()).toHaveLength(2);

    register.trigger(new WriteReturn(large));
    network.take();
    put(bytes('l'), new Uint8Array(10));
    const small = register.takeOne(Write);
    put(bytes('m'), new Uint8Array(1));
    expect(network.takeOne(RefusedReply)).toMatchObject({ code: 'unavailable' });
    register.trigger(new Abandoned(small, 'not executed'));
    network.take();
    put(bytes('m'), new Uint8Array(10));
    expect(register.takeOne(Write)).toBeDefined();
  });
});
