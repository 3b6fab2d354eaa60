import {
  NewView,
  SuspicionsChanged,
  Waiting,
  firstView,
  positionOf,
  rangeOf,
  type View,
} from '@jbstore/gms/port';
import { ProcessId, address, type Address, type Message } from '@jbstore/network/port';
import {
  Abandon,
  Mutate,
  MutateReturn,
  Read,
  ReadReturn,
  Refused,
  type Operation,
  type RefusalReason,
} from '@jbstore/slot-register/port';
import { Harness } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

import { ExactlyOnceStore } from '../src/exactly-once-store';
import {
  ForwardedGet,
  ForwardedMutate,
  GetRequest,
  MutateRequest,
  MutatedReply,
  NotFoundReply,
  RefusedReply,
  ValueReply,
  type RefusalCode,
} from '../src/messages';

const node = (name: string, port: number): Address =>
  address({ id: ProcessId.parse(name), host: '127.0.0.1', port });
const [a, b, c, d] = [node('a', 1), node('b', 2), node('c', 3), node('d', 4)];
const client = address({ id: ProcessId.parse('client') });

const view: View = firstView({ clusterId: 'test', replication: 3, register: 'exactly-once' }, [
  a,
  b,
  c,
  d,
]);

const bytes = (text: string): Uint8Array => Buffer.from(text);
const request = { session: { generation: 1_000, chance: 'twelve bytes' }, sequence: 1 };
const put: Operation = { kind: 'put', value: bytes('v') };

/** A key whose group is these members, led by the first of them. */
function keyOf(...group: readonly Address[]): Uint8Array {
  for (let number = 0; ; number += 1) {
    const key = bytes(`key ${String(number)}`);
    if (String(rangeOf(view, positionOf(key)).group) === String(group)) return key;
  }
}
const [ownKey, otherKey, foreignKey] = [keyOf(a, b, c), keyOf(d, a, b), keyOf(b, c, d)];

function setUp(init: { readonly mostRunning?: number; readonly mostPutBytes?: number } = {}) {
  const harness = new Harness();
  const store = harness.create(ExactlyOnceStore, {
    self: a,
    tickMs: 10,
    forwardMs: 100,
    retryMs: 20,
    ...init,
  });
  const network = harness.providerOf(store.network);
  const register = harness.providerOf(store.register);
  const membership = harness.providerOf(store.membership);
  harness.create(HostTimer).timer.connect(store.timer);
  harness.start();
  const pass = (ms: number): void => {
    harness.advance(ms);
  };
  const install = (): void => {
    membership.trigger(new NewView(view));
  };
  const mutate = (key: Uint8Array, operation = put): void => {
    const body = { id: 7, request, key, operation, timeoutMs: 1_000 };
    network.trigger(new MutateRequest(a, body, { source: client }));
  };
  const get = (key: Uint8Array): void => {
    network.trigger(new GetRequest(a, { id: 8, key, timeoutMs: 1_000 }, { source: client }));
  };
  const refusal = (served: Read | Mutate, reason: RefusalReason): Refused =>
    new Refused(served, reason, reason, reason === 'session expired' ? 1_100 : undefined);
  /** The member that was asked says so. */
  const say = (message: Message): void => {
    network.trigger(message);
  };
  const refusedBy = (member: Address, id: number, code: RefusalCode): RefusedReply => {
    const floor = code === 'session expired' ? { generationFloor: 1_100 } : {};
    return new RefusedReply(a, { id, code, text: code, ...floor }, { source: member });
  };
  return { network, register, membership, install, pass, mutate, get, refusal, say, refusedBy };
}

const outcome = { succeeded: true, version: 7 };

describe('a node that is preferred', () => {
  test('performs a mutation on the register of its key, as the request that it is', () => {
    const { network, register, install, mutate } = setUp();
    install();

    mutate(ownKey);
    const asked = register.takeOne(Mutate);
    expect(asked.register).toBe(positionOf(ownKey) + Buffer.from(ownKey).toString('latin1'));
    expect(asked).toMatchObject({ id: request, operation: put });
    register.trigger(new MutateReturn(asked, outcome, 0));

    expect(network.takeOne(MutatedReply)).toMatchObject({ destination: client, id: 7, outcome });
    expect(register.take()).toStrictEqual([]);
  });

  test('performs a get of any key that it keeps, with the version of the value', () => {
    const { network, register, install, get } = setUp();
    install();

    get(otherKey);
    register.trigger(new ReadReturn(register.takeOne(Read), bytes('v'), 3, 0));
    expect(network.takeOne(ValueReply)).toMatchObject({ id: 8, value: bytes('v'), version: 3 });

    get(ownKey);
    register.trigger(new ReadReturn(register.takeOne(Read), undefined, undefined, 0));
    expect(network.takeOne(NotFoundReply)).toMatchObject({ destination: client, id: 8 });
  });

  test('says of which era its answer is: that in which the register has answered, whatever the view is by now', () => {
    const { network, register, membership, install, mutate, get } = setUp();
    const answersOf = (era: number): unknown => {
      mutate(ownKey);
      register.trigger(new MutateReturn(register.takeOne(Mutate), outcome, era));
      get(ownKey);
      register.trigger(new ReadReturn(register.takeOne(Read), bytes('v'), 3, era));
      get(ownKey);
      register.trigger(new ReadReturn(register.takeOne(Read), undefined, undefined, era));
      return network.take();
    };
    install();
    expect(answersOf(0)).toMatchObject([{ era: 0 }, { era: 0 }, { era: 0 }]);

    const forces = [{ id: 'f', after: 1 }];
    membership.trigger(new NewView({ ...view, era: 1, number: 2, forces }));

    expect(answersOf(0)).toMatchObject([{ era: 0 }, { era: 0 }, { era: 0 }]);
    expect(answersOf(1)).toMatchObject([{ era: 1 }, { era: 1 }, { era: 1 }]);
  });

  test('is the lead, or else the first of the group that is not suspected', () => {
    const { network, register, membership, install, mutate } = setUp();
    install();

    mutate(otherKey);
    expect(network.takeOne(ForwardedMutate).destination).toBe(d);
    membership.trigger(new SuspicionsChanged([d]));
    expect(register.takeOne(Mutate)).toBeDefined();
    mutate(otherKey);
    expect(register.takeOne(Mutate)).toBeDefined();
  });
});

describe('a node that is not', () => {
  test('hands a request on as it is, and its answer back', () => {
    const { network, register, install, mutate, get, say } = setUp();
    install();

    mutate(otherKey);
    const forwarded = network.takeOne(ForwardedMutate);
    expect(forwarded).toMatchObject({ destination: d, request, key: otherKey, operation: put });
    say(new MutatedReply(a, { id: forwarded.id, outcome, era: 2 }, { source: d }));
    const told = { destination: client, id: 7, outcome, era: 2 };
    expect(network.takeOne(MutatedReply)).toMatchObject(told);

    mutate(otherKey);
    say(new NotFoundReply(a, { id: network.takeOne(ForwardedMutate).id, era: 0 }, { source: d }));
    expect(network.take()).toStrictEqual([]);

    get(foreignKey);
    const first = network.takeOne(ForwardedGet);
    expect(first.destination).toBe(b);
    const found = { value: bytes('v'), version: 3, era: 2 };
    say(new ValueReply(a, { id: first.id, ...found }, { source: b }));
    expect(network.takeOne(ValueReply)).toMatchObject({ id: 8, ...found });

    get(foreignKey);
    const { id } = network.takeOne(ForwardedGet);
    say(new MutatedReply(a, { id, outcome, era: 0 }, { source: b }));
    expect(network.take()).toStrictEqual([]);
    say(new NotFoundReply(a, { id, era: 2 }, { source: b }));
    expect(network.takeOne(NotFoundReply)).toMatchObject({ destination: client, id: 8, era: 2 });
    expect(register.take()).toStrictEqual([]);
  });

  test('performs it too when the other takes too long, if it keeps the key; the first answer counts', () => {
    const { network, register, install, mutate, pass, say } = setUp();
    install();
    mutate(otherKey);
    const { id } = network.takeOne(ForwardedMutate);

    pass(80);
    expect(register.take()).toStrictEqual([]);
    pass(50);
    const served = register.takeOne(Mutate);
    expect(served.id).toStrictEqual(request);
    say(new MutatedReply(a, { id, outcome, era: 0 }, { source: d }));
    expect(network.takeOne(MutatedReply)).toMatchObject({ destination: client, id: 7 });
    expect(register.takeOne(Abandon).request).toBe(served);
    register.trigger(new MutateReturn(served, outcome, 0));
    expect(network.take()).toStrictEqual([]);
  });

  test('asks the next when the other takes too long or refuses, if it does not keep the key', () => {
    const { network, register, install, mutate, pass, say, refusedBy } = setUp();
    install();
    mutate(foreignKey);
    const asked = [network.takeOne(ForwardedMutate)];

    pass(130);
    asked.push(network.takeOne(ForwardedMutate));
    const [, second] = asked;
    if (second) say(refusedBy(second.destination, second.id, 'wrong node'));
    pass(50);
    asked.push(network.takeOne(ForwardedMutate));
    if (second) say(refusedBy(second.destination, second.id, 'wrong node'));
    pass(50);
    expect(network.take()).toStrictEqual([]);
    for (let more = 0; more < 2; more += 1) {
      pass(130);
      asked.push(network.takeOne(ForwardedMutate));
    }

    expect(asked.map(({ destination }) => destination)).toStrictEqual([b, c, d, b, c]);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
    expect(register.take()).toStrictEqual([]);
  });

  test('asks the next at once when the other becomes suspected', () => {
    const { network, membership, install, get } = setUp();
    install();
    get(foreignKey);
    expect(network.takeOne(ForwardedGet).destination).toBe(b);

    membership.trigger(new SuspicionsChanged([b]));

    expect(network.takeOne(ForwardedGet).destination).toBe(c);
  });

  test('tells at the end of its time that a mutation may have been performed, and a get has not', () => {
    const { network, install, mutate, get, pass } = setUp();
    install();

    mutate(foreignKey);
    get(foreignKey);
    pass(1_100);

    const codes = network.takeAll(RefusedReply).map(({ id, code }) => [id, code]);
    expect(codes).toStrictEqual([
      [7, 'outcome unknown'],
      [8, 'unavailable'],
    ]);
    network.take();
    pass(1_000);
    expect(network.take()).toStrictEqual([]);
  });
});

describe('a node that is asked by another', () => {
  const forwarded = (key: Uint8Array): ForwardedMutate =>
    new ForwardedMutate(
      a,
      { id: 9, request, key, operation: put, timeoutMs: 1_000 },
      { source: c },
    );

  test('performs what it keeps, preferred or not, and hands nothing on', () => {
    const { network, register, install, say } = setUp();
    install();

    say(forwarded(otherKey));
    register.trigger(new MutateReturn(register.takeOne(Mutate), outcome, 0));
    expect(network.takeOne(MutatedReply)).toMatchObject({ destination: c, id: 9 });
    say(new ForwardedGet(a, { id: 9, key: otherKey, timeoutMs: 1_000 }, { source: c }));
    expect(register.takeOne(Read)).toBeDefined();

    say(forwarded(foreignKey));
    expect(network.takeOne(RefusedReply)).toMatchObject({ destination: c, code: 'wrong node' });
  });

  test('says so at once when its register does not hold the key', () => {
    const { network, register, install, say, refusal } = setUp();
    install();

    say(forwarded(ownKey));
    register.trigger(refusal(register.takeOne(Mutate), 'wrong node'));

    expect(network.takeOne(RefusedReply)).toMatchObject({ destination: c, code: 'wrong node' });
  });
});

describe('what the register refuses', () => {
  test('is tried again while it is a matter of views', () => {
    const { network, register, install, mutate, pass, refusal } = setUp();
    install();
    mutate(ownKey);

    register.trigger(refusal(register.takeOne(Mutate), 'no view'));
    expect(register.take()).toStrictEqual([]);
    pass(50);

    register.trigger(new MutateReturn(register.takeOne(Mutate), outcome, 0));
    expect(network.takeOne(MutatedReply)).toBeDefined();
  });

  test('as its session has expired is told with what has not, here as by another node', () => {
    const { network, register, install, mutate, refusal, say, refusedBy } = setUp();
    install();
    const told = { destination: client, id: 7, code: 'session expired', generationFloor: 1_100 };

    mutate(ownKey);
    register.trigger(refusal(register.takeOne(Mutate), 'session expired'));
    expect(network.takeOne(RefusedReply)).toMatchObject(told);

    mutate(otherKey);
    const { id } = network.takeOne(ForwardedMutate);
    say(refusedBy(d, id, 'session expired'));
    expect(network.takeOne(RefusedReply)).toMatchObject(told);
  });

  test('as nobody waits for it is not answered', () => {
    const { network, register, install, mutate, pass, refusal } = setUp();
    install();
    mutate(ownKey);

    register.trigger(refusal(register.takeOne(Mutate), 'superseded'));
    pass(1_100);

    expect(network.take()).toStrictEqual([]);
    expect(register.take()).toStrictEqual([]);
  });

  test.each([
    ['not executed', 'unavailable'],
    ['outcome unknown', 'outcome unknown'],
  ] as const)('at the end of its time as %s is refused as %s', (reason, code) => {
    const { network, register, install, mutate, pass, refusal } = setUp();
    install();
    mutate(ownKey);
    const served = register.takeOne(Mutate);

    pass(1_100);
    expect(register.takeOne(Abandon).request).toBe(served);
    expect(network.take()).toStrictEqual([]);
    register.trigger(refusal(served, reason));

    expect(network.takeOne(RefusedReply)).toMatchObject({ id: 7, code });
  });

  test('as not executed here may be executed by another that was asked before', () => {
    const { network, register, install, mutate, pass, refusal } = setUp();
    install();
    mutate(otherKey);
    network.take();
    pass(1_100);

    const [served] = register.takeAll(Mutate);
    if (served) register.trigger(refusal(served, 'not executed'));

    expect(network.takeOne(RefusedReply)).toMatchObject({ code: 'outcome unknown' });
  });
});

describe('what a node does not take on', () => {
  test('without a view, and with what is waited for', () => {
    const { network, register, membership, mutate } = setUp();
    membership.trigger(new Waiting('1 of 3 nodes have joined'));

    mutate(ownKey);

    const refused = { code: 'no view', text: '1 of 3 nodes have joined' };
    expect(network.takeOne(RefusedReply)).toMatchObject({ destination: client, id: 7, ...refused });
    expect(register.take()).toStrictEqual([]);
  });

  test('while no majority of the group is unsuspected', () => {
    const { network, register, membership, install, mutate } = setUp();
    install();
    membership.trigger(new SuspicionsChanged([b, c]));

    mutate(ownKey);

    expect(network.takeOne(RefusedReply)).toMatchObject({ code: 'unavailable' });
    expect(register.take()).toStrictEqual([]);
  });

  test('keys and values outside the limits', () => {
    const { network, install, mutate } = setUp();
    install();
    const large = new Uint8Array(1024 * 1024 + 1);

    mutate(ownKey, { kind: 'put', value: large });
    expect(network.takeOne(RefusedReply)).toMatchObject({ code: 'value size' });
    mutate(ownKey, { kind: 'cas', expected: { kind: 'absent' }, value: large });
    expect(network.takeOne(RefusedReply)).toMatchObject({ code: 'value size' });
    mutate(new Uint8Array(1025), { kind: 'delete' });
    expect(network.takeOne(RefusedReply)).toMatchObject({ code: 'key size' });
  });

  test('more requests, or bytes to put, than it may have at one time', () => {
    const { network, register, install, mutate } = setUp({ mostRunning: 2, mostPutBytes: 10 });
    install();
    const putBytes = (size: number): void => {
      mutate(ownKey, { kind: 'put', value: new Uint8Array(size) });
    };
    const refusals = (): readonly RefusalCode[] =>
      network.takeAll(RefusedReply).map(({ code }) => code);

    putBytes(20);
    putBytes(1);
    expect(refusals()).toStrictEqual(['unavailable']);
    mutate(ownKey, { kind: 'delete' });
    mutate(ownKey, { kind: 'delete' });
    expect(refusals()).toStrictEqual(['unavailable']);

    for (const served of register.takeAll(Mutate)) {
      register.trigger(new MutateReturn(served, outcome, 0));
    }
    network.take();
    putBytes(10);
    expect(refusals()).toStrictEqual([]);
  });
});
