import { type Message } from '@jbstore/network/port';
import { Prune } from '@jbstore/slot-register/port';

import {
  AcceptMessage,
  AcceptedMessage,
  PrepareMessage,
  ReadMessage,
  ValueMessage,
} from '../src/messages';
import { Cluster, put, requestId, viewOf } from './cluster';

/** Every message sent from here on, as it is put on the wire. */
function sent(cluster: Cluster): Message[] {
  const messages: Message[] = [];
  cluster.wire.rule(({ message }, otherwise) => {
    messages.push(message);
    return otherwise;
  });
  return messages;
}

function kinds(messages: readonly Message[]): string[] {
  return messages.map(({ type }) => type.slice(type.indexOf('/') + 1));
}

function withEpoch(
  accept: AcceptMessage,
  epoch: number,
): ConstructorParameters<typeof AcceptMessage>[1] {
  const { phase, register, ballot, count, value, version, generationFloor, results } = accept;
  return { phase, epoch, register, ballot, count, value, version, generationFloor, results };
}

describe('writes', () => {
  test('the lead takes one round', () => {
    const cluster = new Cluster(viewOf(3));
    const messages = sent(cluster);
    cluster.put('a', 'value');
    cluster.advance(2);

    expect(cluster.answers('a')).toEqual(['ok @1']);
    expect(kinds(messages)).toEqual(['Accept', 'Accept', 'Accepted', 'Accepted']);
  });

  test('another member takes two rounds the first time, and one from then on', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.put('a', 'first');
    cluster.advance(10);
    const messages = sent(cluster);
    cluster.put('b', 'second');
    cluster.advance(10);
    const takeover = kinds(messages.splice(0));
    cluster.put('b', 'third');
    cluster.advance(10);

    expect(cluster.answers('b')).toEqual(['ok @2', 'ok @3']);
    expect(new Set(takeover)).toEqual(new Set(['Prepare', 'Promise', 'Accept', 'Accepted']));
    expect(kinds(messages)).toEqual(['Accept', 'Accept', 'Accepted', 'Accepted']);
  });

  test('a lead that was overtaken takes the register back with a ballot of its own', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.put('b', 'takeover');
    cluster.advance(10);
    cluster.put('a', 'back');
    cluster.advance(1_000);

    expect(cluster.answers('a')).toEqual(['ok @2']);
    expect(cluster.at('a').count('slots.takeovers')).toBe(1);
  });

  test('what comes while a round runs goes into the next one together', () => {
    const cluster = new Cluster(viewOf(3));
    for (const value of ['1', '2', '3', '4']) cluster.put('a', value);
    cluster.advance(10);

    expect(cluster.answers('a')).toEqual(['ok @1', 'ok @2', 'ok @3', 'ok @4']);
    expect(cluster.at('a').count('slots.proposals')).toBe(2);
  });

  test('a group of one is its own majority', () => {
    const cluster = new Cluster(viewOf(1));
    cluster.put('a', 'value');
    cluster.read('a');

    expect(cluster.answers('a')).toEqual(['ok @1', 'value @1']);
  });

  test('a majority is enough, and is asked again until it answers', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.crash('c');
    let lost = 3;
    cluster.wire.rule((_, otherwise) => (lost-- > 0 ? 'drop' : otherwise));
    cluster.put('a', 'value');
    cluster.advance(1_000);

    expect(cluster.answers('a')).toEqual(['ok @1']);
    expect(cluster.at('a').count('slots.retransmissions')).toBeGreaterThan(0);
  });

  test('I12: nobody is answered before a majority has accepted', () => {
    const cluster = new Cluster(viewOf(5));
    cluster.takeInHand();
    cluster.put('a', 'value');
    cluster.exchange('ab');
    expect(cluster.answers('a')).toEqual([]);

    cluster.exchange('ac');
    expect(cluster.answers('a')).toEqual(['ok @1']);
  });

  test('I20: the same member counts once', () => {
    const cluster = new Cluster(viewOf(5));
    cluster.takeInHand();
    cluster.put('a', 'value');
    cluster.deliver(AcceptMessage, 'a', 'b');
    const [accepted] = cluster.held(AcceptedMessage, 'b', 'a');
    for (let copy = 0; copy < 3; copy += 1) if (accepted) cluster.wire.duplicate(accepted);
    cluster.exchange('ab');

    expect(cluster.answers('a')).toEqual([]);
    expect(cluster.at('a').count('slots.strayReplies')).toBe(3);
  });

  test('I20: a process outside the group does not count', () => {
    const cluster = new Cluster(viewOf(4, 3));
    cluster.takeInHand();
    cluster.put('a', 'value');
    cluster.deliver(AcceptMessage, 'a', 'b');
    const [accepted] = cluster.held(AcceptedMessage, 'b', 'a');
    cluster.loseAll();
    if (accepted) cluster.wire.deliver({ ...accepted, source: cluster.at('d').self });
    cluster.settle();

    expect(cluster.answers('a')).toEqual([]);
  });

  test('A0: what is asked of this process from outside the group, or for another epoch, is not answered', () => {
    const cluster = new Cluster(viewOf(4, 3));
    cluster.takeInHand();
    cluster.put('a', 'value');
    const [accept] = cluster.held(AcceptMessage, 'a', 'b');
    if (!accept || !(accept.message instanceof AcceptMessage)) throw new Error('no Accept');
    const { message } = accept;
    cluster.loseAll();
    cluster.wire.deliver({ ...accept, source: cluster.at('d').self });
    cluster.wire.deliver({
      ...accept,
      message: new AcceptMessage(accept.destination, withEpoch(message, 2)),
    });
    cluster.settle();

    expect(cluster.wire.held).toEqual([]);
    expect(cluster.at('b').count('slots.outsiders')).toBe(2);
  });

  test('a process that is not in the group, or has no view, refuses', () => {
    const cluster = new Cluster(viewOf(4, 3));
    cluster.put('d', 'value');
    cluster.read('d');

    expect(cluster.answers('d')).toEqual(['wrong node', 'wrong node']);
  });
});

describe('A4', () => {
  test('a lead that heard of a takeover only by being refused goes on with a ballot of its own', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.put('a', 'first');
    cluster.advance(10);
    cluster.takeInHand();
    cluster.put('b', 'takeover');
    cluster.exchange('bc');
    cluster.loseAll();
    cluster.put('a', 'back');
    for (let step = 0; step < 10; step += 1) {
      cluster.exchange('ac');
      cluster.loseAll();
      cluster.advance(100);
    }

    expect(cluster.answers('b')).toEqual(['ok @2']);
    expect(cluster.answers('a')).toEqual(['ok @1', 'ok @3']);
  });
});

describe('exactly once', () => {
  const id = requestId('s');

  test('copies at every member have one effect, and one answer', () => {
    const cluster = new Cluster(viewOf(3));
    for (const name of ['a', 'b', 'c', 'a']) cluster.mutate(name, id, { kind: 'increment', by: 5 });
    cluster.advance(5_000);
    cluster.read('c');
    cluster.advance(1_000);

    expect(cluster.answers('a')).toEqual(['ok @1 5', 'ok @1 5']);
    expect(cluster.answers('b')).toEqual(['ok @1 5']);
    expect(cluster.answers('c')).toEqual(['ok @1 5', '5 @1']);
  });

  test('dup_early: a copy is not answered from a record that is not chosen', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.takeInHand();
    cluster.mutate('a', id, put('value'));
    cluster.mutate('a', id, put('value'));
    expect(cluster.answers('a')).toEqual([]);

    const abandoned = cluster.mutate('b', requestId('t'), put('other'));
    cluster.exchange('bc');
    cluster.abandon('b', abandoned);
    cluster.exchange('abc');
    cluster.advance(1_000);
    cluster.exchange('abc');

    expect(cluster.answers('b')).toEqual(['ok @1']);
    expect(cluster.answers('a')).toEqual(['ok @2', 'ok @2']);
  });

  test('casfail_unrecorded: a cas that failed stays failed, whatever comes', () => {
    const cluster = new Cluster(viewOf(3));
    const cas = {
      kind: 'cas',
      expected: { kind: 'version', version: 1 },
      value: Buffer.from('x'),
    } as const;
    cluster.mutate('a', id, cas);
    cluster.advance(10);
    cluster.put('a', 'first');
    cluster.advance(10);
    cluster.mutate('b', id, cas);
    cluster.advance(10);

    expect(cluster.answers('a')).toEqual(['failed', 'ok @1']);
    expect(cluster.answers('b')).toEqual(['failed']);
  });

  test('D2: a copy that was overtaken by its own session is refused at once', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.mutate('a', requestId('s', 2), put('new'));
    cluster.advance(10);
    cluster.mutate('a', requestId('s', 1), put('old'));

    expect(cluster.answers('a')).toEqual(['ok @1', 'superseded']);
    expect(cluster.at('a').count('slots.proposals')).toBe(1);
  });

  test('D1: what a forgotten session asks is refused, and only when the floor is chosen', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.at('a').client.trigger(new Prune(50, 10));
    cluster.mutate('a', requestId('old', 1, 20), put('old'));
    cluster.mutate('a', requestId('young', 1, 45), put('young'));
    cluster.advance(10);
    cluster.takeInHand();
    cluster.mutate('a', requestId('old', 1, 20), put('old'));
    expect(cluster.answers('a')).toEqual(['ok @1', 'ok @2']);

    cluster.exchange('ab');
    expect(cluster.answers('a')).toEqual(['session expired']);
  });

  test('nocap: a clock that is far ahead makes no register forget its youngest sessions', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.at('a').client.trigger(new Prune(1_000_000, 10));
    cluster.mutate('a', requestId('s', 1, 20), put('value'));
    cluster.mutate('a', requestId('t', 1, 29), put('value'));
    cluster.advance(10);
    cluster.mutate('a', requestId('s', 1, 20), put('value'));
    cluster.advance(10);

    expect(cluster.answers('a')).toEqual(['ok @1', 'ok @2', 'ok @1']);
  });
});

describe('reads', () => {
  test('R2: one round where a majority agrees, and no value moves that is held here', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.put('a', 'value');
    cluster.advance(10);
    const messages = sent(cluster);
    cluster.read('b');
    cluster.advance(10);

    expect(cluster.answers('b')).toEqual(['value @1']);
    expect(kinds(messages)).toEqual(['Read', 'Value']);
    for (const message of messages) {
      if (message instanceof ValueMessage) expect(message.record).toBeNull();
    }
  });

  test.each([
    ['the next', 3, '', 'c'],
    ['the next two', 5, '', 'cd'],
    ['whom nobody suspects', 3, 'c', 'a'],
    ['whom nobody suspects', 5, 'cd', 'ae'],
    ['all, if too few are not suspected,', 3, 'ac', 'ac'],
    ['all, if too few are not suspected,', 5, 'ace', 'acde'],
  ])('R1: %s of %d are asked first, with %j suspected', (_, members, suspected, asked) => {
    const cluster = new Cluster(viewOf(members));
    cluster.suspect('b', suspected);
    cluster.takeInHand();
    cluster.read('b');

    const among = Array.from('abcde').filter((name) => cluster.held(ReadMessage, 'b', name)[0]);
    expect(among.join('')).toBe(asked);
  });

  test('R1: if who was asked takes too long, the others are asked as well', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.wire.rule(({ destination }, otherwise) =>
      destination.startsWith('c') ? 'drop' : otherwise,
    );
    cluster.read('b');
    cluster.advance(10);
    expect(cluster.answers('b')).toEqual([]);

    cluster.advance(100);
    expect(cluster.answers('b')).toEqual(['nothing']);
  });

  test('R2: a majority that has nothing agrees as well', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.read('b');
    cluster.advance(10);

    expect(cluster.answers('b')).toEqual(['nothing']);
  });

  test('R3, read_max: what a minority holds is imposed before it is returned', () => {
    const cluster = new Cluster(viewOf(5));
    cluster.takeInHand();
    cluster.put('a', 'value');
    cluster.exchange('ab');
    cluster.loseAll();
    cluster.read('b');
    for (const name of ['c', 'd']) {
      cluster.deliver(ReadMessage, 'b', name);
      cluster.deliver(ValueMessage, name, 'b');
    }
    expect(cluster.answers('b')).toEqual([]);

    cluster.exchange('bcd');
    expect(cluster.answers('b')).toEqual(['value @1']);
    cluster.read('c');
    cluster.exchange('cde');
    expect(cluster.answers('c')).toEqual(['value @1']);
  });

  test('R3: a later record of the same ballot counts as holding what is imposed', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.takeInHand();
    cluster.put('a', 'first');
    cluster.deliver(AcceptMessage, 'a', 'b');
    cluster.read('b');
    cluster.deliver(ReadMessage, 'b', 'c');
    cluster.deliver(ValueMessage, 'c', 'b');
    cluster.deliver(AcceptedMessage, 'b', 'a');
    cluster.put('a', 'second');
    cluster.deliver(AcceptMessage, 'b', 'a');
    cluster.exchange('ab');

    expect(cluster.answers('b')).toEqual(['first @1']);
  });

  test('R4: where a higher ballot was promised, a record is settled first', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.takeInHand();
    cluster.put('a', 'value');
    cluster.deliver(AcceptMessage, 'a', 'b');
    cluster.loseAll();
    const takeover = cluster.put('c', 'other');
    cluster.deliver(PrepareMessage, 'c', 'a');
    cluster.abandon('c', takeover);
    cluster.loseAll();
    cluster.read('b');
    cluster.deliver(ReadMessage, 'b', 'c');
    cluster.deliver(ValueMessage, 'c', 'b');
    for (let step = 0; step < 20; step += 1) {
      cluster.advance(100);
      cluster.exchange('ab');
      cluster.loseAll();
    }

    expect(cluster.answers('b')).toEqual(['value @1']);
    expect(cluster.at('b').count('slots.settledReads')).toBeGreaterThan(0);
  });
});

describe('requests that are given up', () => {
  test('who only waited is not executed', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.takeInHand();
    cluster.put('a', 'first');
    const second = cluster.put('a', 'second');
    cluster.abandon('a', second);
    cluster.abandon('a', second);
    cluster.exchange('ab');
    cluster.read('a');
    cluster.exchange('ab');

    expect(cluster.answers('a')).toEqual(['not executed', 'ok @1', 'first @1']);
  });

  test('who was proposed may have been executed, and what comes after it goes on', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.takeInHand();
    cluster.abandon('a', cluster.put('a', 'first'));
    cluster.loseAll();
    cluster.put('a', 'second');
    cluster.exchange('ab');

    expect(cluster.answers('a')).toEqual(['outcome unknown', 'ok @2']);
  });

  test('a round that nobody waits for is dropped', () => {
    const cluster = new Cluster(viewOf(3));
    cluster.takeInHand();
    for (const request of [cluster.put('a', 'x'), cluster.read('a'), cluster.put('b', 'y')]) {
      cluster.abandon('a', request);
      cluster.abandon('b', request);
    }

    expect(cluster.answers('a')).toEqual(['outcome unknown', 'not executed']);
    expect(cluster.answers('b')).toEqual(['not executed']);
    for (const name of ['a', 'b']) expect(cluster.at(name).count('slots.phases')).toBe(0);
  });

  test('who was answered cannot be given up any more', () => {
    const cluster = new Cluster(viewOf(1));
    cluster.abandon('a', cluster.put('a', 'x'));
    cluster.abandon('a', cluster.read('a'));

    expect(cluster.answers('a')).toEqual(['ok @1', 'x @1']);
  });
});
