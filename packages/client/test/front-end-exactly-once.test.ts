import { groupOf, leadOf, positionOf, type View } from '@jbstore/gms/port';
import type { Address, Message } from '@jbstore/network/port';
import {
  Cancel,
  Cas,
  Delete,
  Failed,
  Get,
  GetRequest,
  Increment,
  Incremented,
  KeyPage,
  Mismatch,
  MutateRequest,
  MutatedReply,
  NotFoundReply,
  Ok,
  OkReply,
  OpenReply,
  OpenRequest,
  Put,
  RefusedReply,
  Scan,
  ScanRequest,
  Value,
  ValueReply,
  type Mutation,
  type Outcome,
} from '@jbstore/store/port';

import { Lost, Reached, Refresh, SuspicionsLearned, ViewLearned } from '../src/port';
import { a, b, bytes, c, d, me, setUp, viewOf } from './lone-front-end';

const hourMs = 3_600_000;
const exactlyOnce = viewOf([a, b, c, d], { register: 'exactly-once' });
const others = (member: Address): readonly Address[] =>
  [a, b, c, d].filter((other) => other !== member);

/** A front end that has reached all of four members, which read for it; unless told otherwise, one has opened sessions. */
function setUpReached({ opened = true } = {}) {
  const front = setUp({ mostCalls: 1_000, glances: false });
  front.join(exactlyOnce, [a, b, c, d]);
  const asked = front.network.takeAll(OpenRequest).map(({ destination }) => destination);
  const open = (generation: number): void => {
    front.network.trigger(new OpenReply(me, { generation, lifetimeMs: hourMs }, { source: a }));
  };
  if (opened) open(1_000);
  /** The mutations sent since the last call. */
  const sent = (): readonly MutateRequest[] => front.network.takeAll(MutateRequest);
  const sentOne = (): MutateRequest => front.network.takeOne(MutateRequest);
  const mutated = ({ destination, id }: MutateRequest, outcome: Outcome): void => {
    front.network.trigger(new MutatedReply(me, { id, outcome, era: 0 }, { source: destination }));
  };
  return { ...front, asked, open, sent, sentOne, mutated };
}

const ok: Outcome = { succeeded: true, version: 7 };

test('each mutation is an operation with a number in a session, and its outcome is the answer', () => {
  const { jb, sentOne, mutated } = setUpReached();
  const key = bytes('k');
  const outcomeOf = (request: Mutation, outcome: Outcome): unknown => {
    jb.trigger(request);
    const message = sentOne();
    mutated(message, outcome);
    const { generation, chance } = message.request.session;
    expect([generation, chance.length]).toStrictEqual([1_000, 12]);
    return message.operation;
  };
  const put = new Put(key, bytes('v'));
  const cas = new Cas(key, { kind: 'version', version: 7 }, bytes('w'));
  const increment = new Increment(key, -2);

  expect(outcomeOf(put, ok)).toStrictEqual({ kind: 'put', value: bytes('v') });
  expect(jb.takeOne(Ok)).toMatchObject({ request: put, version: 7 });
  expect(outcomeOf(new Delete(key), { succeeded: true })).toStrictEqual({ kind: 'delete' });
  expect(jb.takeOne(Ok).version).toBeUndefined();
  expect(outcomeOf(cas, ok)).toStrictEqual({
    kind: 'cas',
    expected: cas.expected,
    value: cas.value,
  });
  expect(jb.takeOne(Ok).request).toBe(cas);
  outcomeOf(cas, { succeeded: false, version: 8 });
  expect(jb.takeOne(Mismatch)).toMatchObject({ cas, version: 8 });
  expect(outcomeOf(increment, { ...ok, value: 40 })).toStrictEqual({ kind: 'increment', by: -2 });
  expect(jb.takeOne(Incremented)).toMatchObject({ increment, value: 40, version: 7 });
  outcomeOf(increment, { succeeded: false, version: 8 });
  expect(jb.takeOne(Failed)).toMatchObject({ request: increment, failure: 'not a number' });
});

test('a get tells the version of the value', () => {
  const { jb, network, sent } = setUpReached();

  jb.trigger(new Get(bytes('k')));
  const { destination, id } = network.takeOne(GetRequest);
  const body = { id, value: bytes('v'), version: 3, era: 0 };
  network.trigger(new ValueReply(me, body, { source: destination }));

  expect(jb.takeOne(Value)).toMatchObject({ value: bytes('v'), version: 3 });
  expect(sent()).toStrictEqual([]);
});

test('each answer says of which era it is; one later than that of the view has the view asked for', () => {
  const { jb, cluster, network, sentOne } = setUpReached();
  const request = new Put(bytes('k'), bytes('v'));

  jb.trigger(request);
  const put = sentOne();
  const body = { id: put.id, outcome: ok, era: 1 };
  network.trigger(new MutatedReply(me, body, { source: put.destination }));
  expect(jb.takeOne(Ok)).toMatchObject({ request, era: 1 });
  expect(cluster.takeAll(Refresh)).toMatchObject([{ process: put.destination }]);

  cluster.trigger(
    new ViewLearned({ ...exactlyOnce, era: 1, number: 2, forces: [{ id: 'f', after: 1 }] }),
  );
  const answered = (answer: Message): unknown => {
    network.trigger(answer);
    return jb.take();
  };
  jb.trigger(new Get(bytes('k')));
  const get = network.takeOne(GetRequest);
  const absent = new NotFoundReply(me, { id: get.id, era: 1 }, { source: get.destination });
  expect(answered(absent)).toMatchObject([{ era: 1 }]);
  jb.trigger(new Scan('', 10));
  const scan = network.takeOne(ScanRequest);
  const page = new KeyPage(me, { id: scan.id, keys: [], next: null, era: 1 }, { source: a });
  expect(answered(page)).toMatchObject([{ era: 1 }]);
  expect(cluster.takeAll(Refresh)).toStrictEqual([]);
});

test('a front end that rests grows older: what it does after that is in another session', () => {
  const { jb, sentOne, mutated, pass } = setUpReached();
  const sessionOf = (): MutateRequest['request']['session'] => {
    jb.trigger(new Put(bytes('k'), bytes('v')));
    const message = sentOne();
    mutated(message, ok);
    return message.request.session;
  };
  const first = sessionOf();
  pass(0.4 * hourMs);
  expect(sessionOf()).toStrictEqual(first);

  pass(0.2 * hourMs);
  const later = sessionOf();

  expect(later.chance).not.toBe(first.chance);
  expect(later.generation).toBe(1_000 + 7);
});

test('every member is asked to open sessions when it is reached, and mutations wait for one that does', () => {
  const { jb, cluster, network, asked, open, sent, pass } = setUpReached({ opened: false });
  expect(asked).toStrictEqual([a, b, c, d]);

  jb.trigger(new Put(bytes('k'), bytes('v')));
  expect(network.takeAll(OpenRequest)).toHaveLength(4);
  pass(60);
  expect(network.take()).toStrictEqual([]);
  pass(100);
  expect(network.takeAll(OpenRequest)).toHaveLength(4);
  open(1_000);
  expect(sent()).toHaveLength(1);

  cluster.trigger(new Reached(a));
  cluster.trigger(new Lost(a, 'connection reset'));
  cluster.trigger(new Reached(a));
  expect(network.takeOne(OpenRequest).destination).toBe(a);
});

test('a mutation for which no session is opened was surely not performed', () => {
  const { jb, pass } = setUpReached({ opened: false });

  jb.trigger(new Put(bytes('k'), bytes('v')));
  pass(1_200);

  expect(jb.takeOne(Failed)).toMatchObject({ failure: 'unavailable' });
});

test('a mutation goes to the lead, then round the group, then to any member, as one request', () => {
  const { jb, sent, pass } = setUpReached();
  const key = bytes('k');
  const lead = leadOf(exactlyOnce, positionOf(key));
  const run = exactlyOnce.runs.find(
    ({ lead: index }) => exactlyOnce.members[index - 1]?.address === lead,
  );
  const group = run?.group.map((index) => exactlyOnce.members[index - 1]?.address);

  jb.trigger(new Put(key, bytes('v'), { timeoutMs: 10_000 }));
  const messages = [...sent()];
  while (messages.length < 4) {
    pass(10);
    messages.push(...sent());
  }

  const asked = messages.map(({ destination }) => destination);
  expect(asked[0]).toBe(lead);
  expect(new Set(asked.slice(0, 3))).toStrictEqual(new Set(group));
  expect(new Set(asked).size).toBe(4);
  expect(new Set(messages.map(({ request }) => JSON.stringify(request))).size).toBe(1);
});

test('a mutation whose member is lost goes to another at once, and a suspected lead is not asked first', () => {
  const { jb, cluster, network, sentOne } = setUpReached();
  const lead = leadOf(exactlyOnce, positionOf(bytes('k')));

  jb.trigger(new Put(bytes('k'), bytes('v')));
  expect(sentOne().destination).toBe(lead);
  cluster.trigger(new Lost(lead, 'connection reset'));
  expect(others(lead)).toContain(sentOne().destination);
  jb.trigger(new Put(bytes('k'), bytes('w')));
  expect(others(lead)).toContain(sentOne().destination);

  cluster.trigger(new Reached(lead));
  network.takeOne(OpenRequest);
  cluster.trigger(new SuspicionsLearned(new Map([[lead, 1]])));
  jb.trigger(new Put(bytes('k'), bytes('w')));
  expect(others(lead)).toContain(sentOne().destination);
});

/** Has whoever is asked refuse, and says who was: the first `count`. */
function asksInVain(
  { network, sent, pass }: ReturnType<typeof setUpReached>,
  count: number,
): readonly Address[] {
  const asked: Address[] = [];
  while (asked.length < count) {
    for (const { destination: source, id } of [...sent(), ...network.takeAll(GetRequest)]) {
      asked.push(source);
      const body = { id, code: 'unavailable', text: 'they do not answer' } as const;
      network.trigger(new RefusedReply(me, body, { source }));
    }
    pass(10);
  }
  return asked.slice(0, count);
}

test('when those refuse whom nobody suspects, the others of the group are asked next: they may have a majority', () => {
  const front = setUpReached();
  const key = bytes('k');
  const lead = leadOf(exactlyOnce, positionOf(key));
  const rest = groupOf(exactlyOnce, positionOf(key)).filter((member) => member !== lead);
  front.cluster.trigger(
    new SuspicionsLearned(
      new Map([a, b, c, d].map((member) => [member, rest.includes(member) ? 3 : 2])),
    ),
  );

  front.jb.trigger(new Put(key, bytes('v'), { timeoutMs: 10_000 }));
  const asked = asksInVain(front, 3);

  expect(asked[0]).toBe(lead);
  expect(asked.slice(1).sort()).toStrictEqual([...rest].sort());
});

test.each([
  ['get', (key: Uint8Array) => new Get(key, { timeoutMs: 10_000 })],
  ['put', (key: Uint8Array) => new Put(key, bytes('v'), { timeoutMs: 10_000 })],
])('when the whole group refuses, a %s goes to the group before', (_name, requestOf) => {
  const front = setUpReached();
  const first = viewOf([a, b, c, d], { register: 'exactly-once', replication: 1 });
  const second: View = {
    ...first,
    number: 2,
    runs: first.runs.map(({ slots, epoch, group: [index = 0] }) => {
      const next = (index % 4) + 1;
      return {
        slots,
        epoch: epoch + 1,
        group: [next],
        lead: next,
        previous: { epoch, group: [index] },
      };
    }),
  };
  front.join(second, []);

  for (const name of ['k', 'l', 'm', 'n']) {
    const key = bytes(name);
    const request = requestOf(key);
    front.jb.trigger(request);
    const asked = asksInVain(front, 2);
    front.jb.trigger(new Cancel(request));

    expect(asked).toStrictEqual([second, first].map((view) => leadOf(view, positionOf(key))));
  }
});

test('a large value is given time to be sent and written, before it is sent to another', () => {
  const { jb, sent, pass } = setUpReached();
  jb.trigger(new Put(bytes('k'), new Uint8Array(512 * 1024), { timeoutMs: 10_000 }));
  expect(sent()).toHaveLength(1);

  pass(850);
  expect(sent()).toStrictEqual([]);
  pass(200);
  expect(sent()).toHaveLength(1);
});

test('the first answer counts, from whichever member it comes', () => {
  const { jb, sentOne, mutated, pass } = setUpReached();
  jb.trigger(new Put(bytes('k'), bytes('v')));
  const first = sentOne();
  pass(130);
  const second = sentOne();

  mutated(first, ok);
  mutated(second, ok);

  expect(jb.take()).toHaveLength(1);
});

test('a mutation that is refused is tried again until its time is over; then its outcome is unknown', () => {
  const { jb, network, sent, pass } = setUpReached();
  jb.trigger(new Put(bytes('k'), bytes('v')));

  let asked = 0;
  for (let passed = 0; passed < 1_200; passed += 10) {
    for (const { destination: source, id } of sent()) {
      asked += 1;
      const code = asked % 2 === 0 ? 'outcome unknown' : 'unavailable';
      network.trigger(new RefusedReply(me, { id, code, text: 'busy' }, { source }));
    }
    pass(10);
  }

  expect(asked).toBeGreaterThan(3);
  expect(jb.takeOne(Failed)).toMatchObject({ failure: 'outcome unknown', text: 'busy' });
});

test('an answer that is for requests without a number is none', () => {
  const { jb, network, sentOne } = setUpReached();
  jb.trigger(new Put(bytes('k'), bytes('v')));
  const { destination: source, id } = sentOne();

  network.trigger(new OkReply(me, { id, era: 0 }, { source }));

  expect(jb.take()).toStrictEqual([]);
});

test('a mutation after one that was cancelled, or timed out, comes behind it in its session', () => {
  const { jb, sentOne, pass } = setUpReached();
  const cancelled = new Put(bytes('k'), bytes('1'));
  jb.trigger(cancelled);
  const first = sentOne();
  jb.trigger(new Cancel(cancelled));

  jb.trigger(new Put(bytes('k'), bytes('2'), { timeoutMs: 50 }));
  const second = sentOne();
  pass(80);
  expect(jb.takeOne(Failed)).toMatchObject({ failure: 'outcome unknown' });
  jb.trigger(new Put(bytes('k'), bytes('3')));
  const third = sentOne();

  const ids = [first, second, third].map(({ request }) => request);
  expect(ids.map(({ sequence }) => sequence)).toStrictEqual([1, 2, 3]);
  expect(new Set(ids.map(({ session }) => session.chance)).size).toBe(1);
});

test('of several at once, the next one comes behind the one that was not answered', () => {
  const { jb, sent, sentOne, mutated } = setUpReached();
  const puts = ['1', '2', '3'].map((value) => new Put(bytes('k'), bytes(value)));
  for (const put of puts) jb.trigger(put);
  const messages = sent();

  messages.slice(0, 2).forEach((message) => mutated(message, ok));
  if (puts[2]) jb.trigger(new Cancel(puts[2]));
  jb.trigger(new Put(bytes('k'), bytes('4')));

  expect(sentOne().request.session).toStrictEqual(messages[2]?.request.session);
});

test('more mutations of a key than may run at once wait for those before them, and those of other keys do not', () => {
  const { jb, sent, sentOne, mutated, pass } = setUpReached();
  for (let number = 0; number < 66; number += 1) {
    jb.trigger(
      new Put(bytes('k'), bytes(String(number)), { timeoutMs: number === 64 ? 20 : 1_000 }),
    );
  }
  const running = sent();
  expect(running).toHaveLength(64);
  expect(new Set(running.map(({ request }) => request.session.chance)).size).toBe(64);
  jb.trigger(new Put(bytes('l'), bytes('v')));
  sentOne();

  pass(50);
  expect(jb.takeOne(Failed)).toMatchObject({ failure: 'unavailable' });
  if (running[5]) mutated(running[5], ok);

  const next = sentOne();
  expect(next.operation).toStrictEqual({ kind: 'put', value: bytes('65') });
  expect(next.request.session).toStrictEqual(running[5]?.request.session);
});

test('a mutation whose session has expired may have been performed; later ones are in a session that has not', () => {
  const { jb, network, sentOne } = setUpReached();
  jb.trigger(new Put(bytes('k'), bytes('v')));
  const { destination: source, id } = sentOne();
  const code = 'session expired';
  const body = { id, code, text: 'too old', generationFloor: 2_000 } as const;
  network.trigger(new RefusedReply(me, body, { source }));

  expect(jb.takeOne(Failed)).toMatchObject({ failure: 'outcome unknown', text: 'too old' });
  jb.trigger(new Put(bytes('k'), bytes('w')));
  expect(sentOne().request.session.generation).toBe(2_012);
});

test.each([
  ['delete', new Delete(bytes('k'))],
  ['cas', new Cas(bytes('k'), { kind: 'absent' }, bytes('v'))],
  ['increment', new Increment(bytes('k'))],
])('registers that do not know them: a %s fails at once, with what to do', (operation, request) => {
  const { jb, join, network } = setUp();
  join(viewOf([a, b, c]), [a, b, c]);

  jb.trigger(request);

  const failed = jb.takeOne(Failed);
  expect(failed).toMatchObject({ request, failure: 'unsupported' });
  expect(failed.text).toContain(`multi-writer, know no ${operation}: start its nodes with`);
  expect(network.take()).toStrictEqual([]);
});

test('limits: what is expected is a value too, and counters count by safe integers', () => {
  const { jb, network } = setUpReached();
  const large = new Uint8Array(1024 * 1024 + 1);

  jb.trigger(new Cas(bytes('k'), { kind: 'value', value: large }, bytes('v')));
  jb.trigger(new Cas(bytes('k'), { kind: 'absent' }, large));
  jb.trigger(new Delete(bytes('')));
  jb.trigger(new Increment(bytes('k'), 2 ** 53));

  const failures = jb.takeAll(Failed).map(({ failure }) => failure);
  expect(failures).toStrictEqual(['value size', 'value size', 'key size', 'not a number']);
  expect(network.take()).toStrictEqual([]);
});
