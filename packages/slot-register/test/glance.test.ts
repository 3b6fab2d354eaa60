import { Address } from '@jbstore/network/port';
import { GlanceMessage, GlancedMessage } from '@jbstore/slot-register/port';

import { AcceptMessage, MergePageMessage, SyncMessage } from '../src/messages';
import { Cluster, put, registerName, requestId, viewAfter, viewOf } from './cluster';

const reader = Address.parse('z@z:7000');

/** What `name` says to a reader outside the group who takes it to be in `epoch`. */
function glanced(
  cluster: Cluster,
  name: string,
  { register = 'x', epoch = 1, full = true } = {},
): GlancedMessage {
  cluster.takeInHand();
  const body = { phase: 7, epoch, register: registerName(register), full };
  const destination = cluster.at(name).self;
  const message = new GlanceMessage(destination, body);
  cluster.wire.deliver({ source: reader, destination, message });
  cluster.settle();
  const [envelope, another] = cluster.held(GlancedMessage, name, 'z');
  if (!(envelope?.message instanceof GlancedMessage) || another) throw new Error('not one answer');
  cluster.wire.drop(envelope);
  return envelope.message;
}

const nothing = { phase: 7, tag: null, value: null, version: 0, era: 0 };

test('any member tells anybody what it votes for', () => {
  const cluster = new Cluster(viewOf(3));
  cluster.put('a', 'value');
  cluster.advance(20);

  for (const name of 'abc') {
    expect(glanced(cluster, name)).toMatchObject({
      phase: 7,
      tag: { ballot: 1, count: 1 },
      value: Buffer.from('value'),
      version: 1,
      era: 0,
    });
  }
  expect(cluster.at('b').count('slots.operations')).toBe(1);
});

test('unless all is asked for, the tag alone', () => {
  const cluster = new Cluster(viewOf(3));
  cluster.put('a', 'value');
  cluster.advance(20);

  expect(glanced(cluster, 'b', { full: false })).toMatchObject({
    tag: { ballot: 1, count: 1 },
    value: null,
  });
});

test('where nothing was accepted there is a vote for nothing, and so there is where it was deleted', () => {
  const cluster = new Cluster(viewOf(3));
  cluster.put('a', 'value', 'y');
  cluster.mutate('a', requestId('s', 1), { kind: 'delete' }, 'y');
  cluster.advance(20);

  expect(glanced(cluster, 'b')).toMatchObject({ tag: { ballot: 0, count: 0 }, value: null });
  expect(glanced(cluster, 'b', { register: 'y' })).toMatchObject({
    tag: { ballot: 1, count: 2 },
    value: null,
  });
});

test('what is accepted and not chosen is voted for by who accepted it, and by no other', () => {
  const cluster = new Cluster(viewOf(5));
  cluster.takeInHand();
  cluster.mutate('a', requestId('s'), put('value'));
  cluster.deliver(AcceptMessage, 'a', 'b');

  expect(glanced(cluster, 'b').tag).toMatchObject({ ballot: 1, count: 1 });
  expect(glanced(cluster, 'c').tag).toMatchObject({ ballot: 0, count: 0 });
});

test('who is in another epoch, or not in the group, has no vote', () => {
  const cluster = new Cluster(viewOf(4, 3));
  cluster.put('a', 'value');
  cluster.advance(20);

  expect(glanced(cluster, 'b', { epoch: 2 })).toMatchObject(nothing);
  expect(glanced(cluster, 'd')).toMatchObject(nothing);
  cluster.at('b').install(viewAfter(cluster.view, 'bcd'));
  expect(glanced(cluster, 'b')).toMatchObject(nothing);
});

test('read_unsynced: who is not synced has no vote for what it has not got', () => {
  const cluster = new Cluster(viewOf(4, 3));
  cluster.put('a', 'value');
  cluster.advance(20);
  cluster.wire.rule(({ message }, otherwise) =>
    message instanceof MergePageMessage || message instanceof SyncMessage ? 'drop' : otherwise,
  );
  const next = viewAfter(cluster.view, 'bcd');
  for (const member of cluster.members) member.install(next);
  cluster.advance(20);

  expect(glanced(cluster, 'd', { epoch: 2 })).toMatchObject(nothing);
});
