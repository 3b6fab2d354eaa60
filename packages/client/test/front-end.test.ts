import { leadOf, positionOf } from '@jbstore/gms/port';
import {
  Cancel,
  Failed,
  Get,
  GetRequest,
  KeyPage,
  NotFound,
  NotFoundReply,
  Ok,
  Page,
  Put,
  PutRequest,
  Scan,
  ScanRequest,
  Value,
  ValueReply,
  longestTimeoutMs,
} from '@jbstore/store/port';

import { Lost, NotReached, Refresh, SuspicionsLearned } from '../src/port';
import { a, b, bytes, c, d, me, setUp, viewOf } from './lone-front-end';

describe('FrontEnd', () => {
  test('takes a put to a member of the group of its key, and answers with the request', () => {
    const { jb, join, sent, ok } = setUp();
    join(viewOf([a, b, c]), [a, b, c]);
    const put = new Put(bytes('k'), bytes('v'));

    jb.trigger(put);
    const { to, id } = sent(PutRequest);
    expect([a, b, c]).toContain(to);
    ok(to, id);

    expect(jb.takeOne(Ok).request).toBe(put);
  });

  test('answers gets and scans', () => {
    const { jb, join, network, sent } = setUp();
    join(viewOf([a, b, c]), []);

    jb.trigger(new Get(bytes('k')));
    const value = sent(GetRequest);
    const body = { id: value.id, value: bytes('v'), era: 0 };
    network.trigger(new ValueReply(me, body, { source: value.to }));
    expect(jb.takeOne(Value).value).toStrictEqual(bytes('v'));

    jb.trigger(new Get(bytes('k')));
    const absent = sent(GetRequest);
    network.trigger(new NotFoundReply(me, { id: absent.id, era: 0 }, { source: absent.to }));
    expect(jb.takeOne(NotFound)).toBeDefined();

    jb.trigger(new Scan('', 10));
    const scan = sent(ScanRequest);
    const page = { id: scan.id, keys: [bytes('k')], next: null, era: 0 };
    network.trigger(new KeyPage(me, page, { source: scan.to }));
    expect(jb.takeOne(Page)).toMatchObject({ keys: [bytes('k')], next: undefined });
  });

  test('a request waits for the view; without one it is unavailable, with the reason', () => {
    const { jb, cluster, join, network, pass, sent } = setUp();
    cluster.trigger(new NotReached(a, '2 of 3 nodes have joined', false));

    jb.trigger(new Get(bytes('k')));
    expect(network.take()).toStrictEqual([]);
    join(viewOf([a, b, c]), []);
    expect(sent(GetRequest)).toBeDefined();

    jb.trigger(new Put(bytes('k'), bytes('v')));
    pass(1_200);
    const failed = jb.takeAll(Failed).find(({ request }) => request instanceof Put);
    expect(failed).toMatchObject({ failure: 'unavailable' });
  });

  test('a get that is not answered goes to another member, and later ones avoid the silent one', () => {
    const { jb, join, network, pass, sent } = setUp();
    join(viewOf([a, b, c]), [a, b, c]);

    jb.trigger(new Get(bytes('k')));
    const first = sent(GetRequest);
    pass(130);
    const second = sent(GetRequest);
    expect(second.id).toBe(first.id);
    expect(second.to).not.toBe(first.to);

    for (let number = 0; number < 50; number += 1) {
      jb.trigger(new Put(bytes(String(number)), bytes('v')));
      expect(sent(PutRequest).to).not.toBe(first.to);
    }
    network.trigger(new NotFoundReply(me, { id: first.id, era: 0 }, { source: first.to }));
    expect(jb.takeOne(NotFound)).toBeDefined();
  });

  test('a member that answers others is only slow: it is not avoided, and has more time', () => {
    const { jb, cluster, join, network, pass, sent } = setUp();
    join(viewOf([a, b, c]), [a, b, c]);
    cluster.trigger(
      new SuspicionsLearned(
        new Map([
          [b, 1],
          [c, 1],
        ]),
      ),
    );
    jb.trigger(new Get(bytes('slow')));
    const slow = sent(GetRequest);
    expect(slow.to).toBe(a);

    for (let passedMs = 0; passedMs < 300; passedMs += 50) {
      jb.trigger(new Get(bytes('quick')));
      const { id } = sent(GetRequest);
      pass(50);
      network.trigger(new NotFoundReply(me, { id, era: 0 }, { source: a }));
    }

    expect(network.take()).toStrictEqual([]);
    pass(700);
    expect(network.takeAll(GetRequest).some(({ id }) => id === slow.id)).toBe(true);
  });

  test('a put that is not answered is never sent twice: its outcome is unknown', () => {
    const { jb, join, network, pass, sent, ok } = setUp();
    join(viewOf([a, b, c]), [a, b, c]);

    jb.trigger(new Put(bytes('k'), bytes('v')));
    const { to, id } = sent(PutRequest);
    pass(1_200);

    expect(network.take()).toStrictEqual([]);
    expect(jb.takeOne(Failed)).toMatchObject({ failure: 'outcome unknown' });
    ok(to, id);
    expect(jb.take()).toStrictEqual([]);
  });

  test('a put that was surely not performed goes to another member', () => {
    const { jb, join, pass, sent, refuse, ok } = setUp();
    join(viewOf([a, b, c]), [a, b, c]);

    jb.trigger(new Put(bytes('k'), bytes('v')));
    const first = sent(PutRequest);
    refuse(first.to, first.id, 'unavailable');
    pass(60);
    const second = sent(PutRequest);
    expect(second.to).not.toBe(first.to);
    ok(second.to, second.id);

    expect(jb.takeOne(Ok)).toBeDefined();
  });

  test('a put that no member performs is unavailable, with what the last one said', () => {
    const { jb, join, network, pass, refuse } = setUp();
    join(viewOf([a, b, c]), [a, b, c]);

    jb.trigger(new Put(bytes('k'), bytes('v')));
    let asked = 0;
    for (let passed = 0; passed < 1_200; passed += 10) {
      for (const { destination, id } of network.takeAll(PutRequest)) {
        asked += 1;
        refuse(destination, id, 'unavailable');
      }
      pass(10);
    }

    expect(asked).toBeGreaterThan(2);
    const failed = jb.takeOne(Failed);
    expect(failed).toMatchObject({ failure: 'unavailable' });
    expect(failed.text).toMatch(/^says /);
  });

  test('a coordinator that cannot say makes the outcome of a put unknown', () => {
    const { jb, join, sent, refuse } = setUp();
    join(viewOf([a, b, c]), [a, b, c]);

    jb.trigger(new Put(bytes('k'), bytes('v')));
    const { to, id } = sent(PutRequest);
    refuse(to, id, 'outcome unknown');

    expect(jb.takeOne(Failed)).toMatchObject({ failure: 'outcome unknown' });
  });

  test('a put goes only to members that have answered since they were connected', () => {
    const { jb, cluster, join, network, pass, sent } = setUp();
    join(viewOf([a, b, c]), [a, b]);
    cluster.trigger(new Lost(a, 'connection reset'));

    for (let number = 0; number < 20; number += 1) {
      jb.trigger(new Put(bytes(String(number)), bytes('v')));
      expect(sent(PutRequest).to).toBe(b);
    }
    cluster.trigger(new Lost(b, 'connection reset'));
    jb.trigger(new Put(bytes('k'), bytes('v')));
    expect(network.take()).toStrictEqual([]);
    pass(1_200);
    const failures = jb.takeAll(Failed).map(({ failure }) => failure);
    expect(failures.filter((failure) => failure === 'unavailable')).toHaveLength(1);
  });

  test('the least suspected members are asked; puts go to no others', () => {
    const { jb, cluster, join, network, sent, refuse, pass } = setUp();
    join(viewOf([a, b, c]), [a, b, c]);
    cluster.trigger(
      new SuspicionsLearned(
        new Map([
          [a, 2],
          [b, 1],
        ]),
      ),
    );
    for (let number = 0; number < 10; number += 1) {
      jb.trigger(new Get(bytes(String(number))));
      expect(sent(GetRequest).to).toBe(c);
    }

    jb.trigger(new Put(bytes('k'), bytes('v')));
    const { to, id } = sent(PutRequest);
    refuse(to, id, 'unavailable');
    pass(60);
    const again = network.takeAll(PutRequest).map(({ destination }) => destination);
    expect([to, ...again]).toStrictEqual([c, c]);
  });

  test('one member that suspects all others does not keep puts from them', () => {
    const { jb, cluster, join, sent } = setUp();
    join(viewOf([a, b, c]), [a, b, c]);
    cluster.trigger(
      new SuspicionsLearned(
        new Map([
          [a, 1],
          [b, 1],
          [c, 2],
        ]),
      ),
    );

    for (let number = 0; number < 20; number += 1) {
      jb.trigger(new Put(bytes(String(number)), bytes('v')));
      expect([a, b]).toContain(sent(PutRequest).to);
    }
  });

  test('with a single writer, puts go to the owner of the key', () => {
    const { jb, join, sent } = setUp();
    const view = viewOf([a, b, c, d], { register: 'single-writer' });
    join(view, [a, b, c, d]);

    for (let number = 0; number < 20; number += 1) {
      const key = bytes(String(number));
      jb.trigger(new Put(key, bytes('v')));
      expect(sent(PutRequest).to).toBe(leadOf(view, positionOf(key)));
    }
  });

  test('a refusal for want of a view, or at the wrong node, makes it look for another view', () => {
    const { jb, cluster, join, sent, refuse } = setUp();
    join(viewOf([a, b, c]), [a, b, c]);
    jb.trigger(new Get(bytes('k')));
    const { to, id } = sent(GetRequest);

    refuse(to, id, 'wrong node');

    expect(cluster.takeOne(Refresh).process).toBe(to);
  });

  test.each([Infinity, 10 * longestTimeoutMs])(
    'a call may wait for %p ms: a member is given the most that it takes',
    (timeoutMs) => {
      const { jb, join, network } = setUp();
      join(viewOf([a, b, c]), [a, b, c]);

      jb.trigger(new Get(bytes('k'), { timeoutMs }));

      expect(network.takeOne(GetRequest).timeoutMs).toBe(longestTimeoutMs);
    },
  );

  test('T18: a late answer finds its call gone, and does not answer another one of the same key', () => {
    const { jb, join, network, pass, sent } = setUp();
    join(viewOf([a, b, c]), [a, b, c]);
    jb.trigger(new Get(bytes('k'), { timeoutMs: 50 }));
    const old = sent(GetRequest);
    pass(80);
    expect(jb.takeOne(Failed)).toBeDefined();

    const later = new Get(bytes('k'));
    jb.trigger(later);
    const { to, id } = sent(GetRequest);
    network.trigger(
      new ValueReply(me, { id: old.id, value: bytes('old'), era: 0 }, { source: old.to }),
    );
    expect(jb.take()).toStrictEqual([]);
    network.trigger(new ValueReply(me, { id, value: bytes('new'), era: 0 }, { source: to }));
    expect(jb.takeOne(Value)).toMatchObject({ get: later, value: bytes('new') });
  });

  test('an answer of the wrong kind is none', () => {
    const { jb, join, network, sent, ok } = setUp();
    join(viewOf([a, b, c]), [a, b, c]);
    jb.trigger(new Get(bytes('k')));
    const { to, id } = sent(GetRequest);

    ok(to, id);
    expect(jb.take()).toStrictEqual([]);
    network.trigger(new NotFoundReply(me, { id, era: 0 }, { source: to }));
    expect(jb.takeOne(NotFound)).toBeDefined();
  });

  test('limits: keys, values, and the number of requests at one time', () => {
    const { jb, join, network } = setUp({ mostCalls: 1 });
    join(viewOf([a, b, c]), [a, b, c]);

    jb.trigger(new Get(bytes('')));
    expect(jb.takeOne(Failed)).toMatchObject({ failure: 'key size' });
    jb.trigger(new Get(new Uint8Array(1025)));
    expect(jb.takeOne(Failed)).toMatchObject({ failure: 'key size' });
    jb.trigger(new Put(bytes('k'), new Uint8Array(1024 * 1024 + 1)));
    expect(jb.takeOne(Failed)).toMatchObject({ failure: 'value size' });
    expect(network.take()).toStrictEqual([]);

    jb.trigger(new Get(bytes('k')));
    jb.trigger(new Get(bytes('l')));
    expect(jb.takeOne(Failed)).toMatchObject({ failure: 'unavailable' });
  });

  test('puts of many bytes wait until those before them are answered', () => {
    const { jb, join, network, ok } = setUp();
    join(viewOf([a], { replication: 1 }), [a]);
    const value = new Uint8Array(1024 * 1024);
    for (let number = 0; number < 50; number += 1) {
      jb.trigger(new Put(bytes(String(number)), value));
    }

    let mostAtOnce = 0;
    let answered = 0;
    for (let sent = network.takeAll(PutRequest); sent.length > 0;) {
      mostAtOnce = Math.max(mostAtOnce, sent.length);
      for (const { id } of sent) ok(a, id);
      answered += sent.length;
      sent = network.takeAll(PutRequest);
    }
    expect(mostAtOnce).toBe(16);
    expect(answered).toBe(50);
    expect(jb.takeAll(Ok)).toHaveLength(50);
  });

  test('gets wait while the largest answers of late would be too much at once', () => {
    const { jb, join, network } = setUp({ mostCalls: 10_000 });
    join(viewOf([a], { replication: 1 }), [a]);
    const ask = (count: number): readonly number[] => {
      for (let number = 0; number < count; number += 1) jb.trigger(new Get(bytes('k')));
      return network.takeAll(GetRequest).map(({ id }) => id);
    };
    const answer = (ids: readonly number[], value: Uint8Array): readonly number[] => {
      for (const id of ids) {
        network.trigger(new ValueReply(me, { id, value, era: 0 }, { source: a }));
      }
      return network.takeAll(GetRequest).map(({ id }) => id);
    };

    let waiting = ask(20);
    expect(waiting).toHaveLength(16);
    while (waiting.length > 0) waiting = answer(waiting, bytes('small'));
    expect(jb.takeAll(Value)).toHaveLength(20);

    const many = ask(1_000);
    expect(many).toHaveLength(1_000);
    expect(answer(many, new Uint8Array(1024 * 1024))).toStrictEqual([]);
    expect(ask(100)).toHaveLength(16);
  });

  test('a call that is held back ends in its time, and surely was not performed', () => {
    const { jb, join, network, pass } = setUp();
    join(viewOf([a], { replication: 1 }), [a]);
    const value = new Uint8Array(1024 * 1024);
    for (let number = 0; number < 17; number += 1) {
      jb.trigger(new Put(bytes(String(number)), value));
    }
    expect(network.takeAll(PutRequest)).toHaveLength(16);

    pass(1_200);

    const failures = jb.takeAll(Failed).map(({ failure }) => failure);
    expect(failures.filter((failure) => failure === 'unavailable')).toHaveLength(1);
  });

  test('a request that is cancelled is not answered', () => {
    const { jb, join, network, pass, sent } = setUp();
    join(viewOf([a, b, c]), [a, b, c]);
    const get = new Get(bytes('k'));
    jb.trigger(get);
    const { to, id } = sent(GetRequest);

    jb.trigger(new Cancel(get));
    network.trigger(new NotFoundReply(me, { id, era: 0 }, { source: to }));
    pass(1_200);

    expect(jb.take()).toStrictEqual([]);
    expect(network.take()).toStrictEqual([]);
  });
});
