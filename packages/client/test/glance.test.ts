import type { Address } from '@jbstore/network/port';
import {
  Cancel,
  Get,
  GetRequest,
  GlanceMessage,
  GlancedMessage,
  NotFound,
  NotFoundReply,
  Value,
  ValueReply,
} from '@jbstore/store/port';

import { Lost, Reached, Refresh, SuspicionsLearned, ViewLearned } from '../src/port';
import { a, b, bytes, c, d, me, setUp, viewOf } from './lone-front-end';

type Tag = GlancedMessage['tag'];
const tag: Tag = { ballot: 8, count: 3 };
const exactlyOnce = viewOf([a, b, c], { register: 'exactly-once' });

/** A front end that has reached those of three members, and one get of it. */
function setUpGet(reached: readonly Address[] = [a, b, c], view = exactlyOnce) {
  const front = setUp();
  front.join(view, reached);
  front.network.take();
  const get = new Get(bytes('k'));
  front.jb.trigger(get);
  const asked = front.network.takeAll(GlanceMessage);
  /** One of those who were asked votes for `vote`. */
  const say = (question: GlanceMessage | undefined, vote: Tag, era = 0): void => {
    if (!question) throw new Error('it was not asked');
    const { phase, full, destination: source } = question;
    const value = full ? bytes('v') : null;
    const body = { phase, tag: vote, value, version: full ? 5 : 0, era };
    front.network.trigger(new GlancedMessage(me, body, { source }));
  };
  return { ...front, get, asked, say };
}

test('a majority is asked for its votes, one of them for the value; if they agree, that is read', () => {
  const { jb, network, get, asked, say } = setUpGet();
  expect(asked).toHaveLength(2);
  expect(asked.map(({ full }) => full)).toStrictEqual([true, false]);
  expect(new Set(asked.map(({ destination }) => destination)).size).toBe(2);
  expect(asked[0]?.epoch).toBe(1);
  expect(asked[0]?.register).toMatch(/^.{16}k$/s);

  say(asked[1], tag);
  expect(jb.take()).toStrictEqual([]);
  say(asked[0], tag);

  expect(jb.takeOne(Value)).toMatchObject({ get, value: bytes('v'), version: 5, era: 0 });
  expect(network.take()).toStrictEqual([]);
});

test('nothing is found if all vote for nothing', () => {
  const { jb, network, get, asked } = setUpGet();

  for (const { phase, destination: source } of asked) {
    const body = { phase, tag: { ballot: 0, count: 0 }, value: null, version: 0, era: 0 };
    network.trigger(new GlancedMessage(me, body, { source }));
  }

  expect(jb.takeOne(NotFound)).toMatchObject({ get });
});

test.each<[string, Tag, Tag]>([
  ['another ballot', tag, { ballot: 9, count: 3 }],
  ['another count', tag, { ballot: 8, count: 4 }],
  ['no vote, after one', tag, null],
  ['no vote at first', null, tag],
  ['no vote at all', null, null],
])('after %s a member is asked to read', (_name, one, other) => {
  const { jb, network, get, asked, say } = setUpGet();

  say(asked[0], one);
  if (one) say(asked[1], other);
  const { destination, id } = network.takeOne(GetRequest);
  say(asked[1], tag);
  expect(jb.take()).toStrictEqual([]);

  const body = { id, value: bytes('w'), version: 6, era: 0 };
  network.trigger(new ValueReply(me, body, { source: destination }));
  expect(jb.takeOne(Value)).toMatchObject({ get, value: bytes('w') });
  expect(network.take()).toStrictEqual([]);
});

test('a vote counts once, and only of who was asked', () => {
  const { jb, network, asked, say } = setUpGet();
  const [full] = asked;
  const other = [a, b, c].find(
    (member) => !asked.some(({ destination }) => destination === member),
  );

  say(full, tag);
  say(full, tag);
  const body = { phase: full?.phase ?? 0, tag, value: null, version: 0, era: 0 };
  network.trigger(new GlancedMessage(me, body, { source: other ?? d }));

  expect(jb.take()).toStrictEqual([]);
});

test('who is suspected, or not reached, is not asked; with too few left a member reads', () => {
  const { jb, cluster, network, asked } = setUpGet([a, b]);
  expect(new Set(asked.map(({ destination }) => destination))).toStrictEqual(new Set([a, b]));

  cluster.trigger(new SuspicionsLearned(new Map([[b, 1]])));
  jb.trigger(new Get(bytes('l')));
  expect(network.takeOne(GetRequest).destination).not.toBe(b);

  cluster.trigger(new Reached(c));
  jb.trigger(new Get(bytes('m')));
  const again = network.takeAll(GlanceMessage).map(({ destination }) => destination);
  expect(new Set(again)).toStrictEqual(new Set([a, c]));
});

test.each([0, 1])('when the connection with number %i is lost, a member reads at once', (rank) => {
  const { cluster, network, asked, say } = setUpGet();
  const lost = asked[rank]?.destination ?? d;

  cluster.trigger(new Lost(lost, 'cut'));
  expect(network.takeOne(GetRequest).destination).not.toBe(lost);

  say(asked[1 - rank], tag);
  say(asked[rank], tag);
  expect(network.take()).toStrictEqual([]);
});

test('who has answered may be lost', () => {
  const { cluster, jb, network, asked, say } = setUpGet();

  say(asked[0], tag);
  cluster.trigger(new Lost(asked[0]?.destination ?? d, 'cut'));
  expect(network.take()).toStrictEqual([]);
  say(asked[1], tag);

  expect(jb.takeOne(Value)).toMatchObject({ version: 5 });
});

test.each([0, 1])('when number %i is silent, a member reads, and it is avoided', (rank) => {
  const { jb, cluster, network, asked, say, pass } = setUpGet();
  const silent = asked[rank]?.destination;

  say(asked[1 - rank], tag);
  pass(120);
  expect(network.takeOne(GetRequest).destination).not.toBe(silent);
  expect(cluster.takeOne(Refresh).process).toBe(silent);

  jb.trigger(new Get(bytes('l')));
  expect(network.takeAll(GlanceMessage).map(({ destination }) => destination)).not.toContain(
    silent,
  );
});

test('a vote of a later era is told, and has the view asked for', () => {
  const { jb, cluster, asked, say } = setUpGet();

  say(asked[1], tag, 1);
  say(asked[0], tag, 1);

  expect(jb.takeOne(Value).era).toBe(1);
  expect(cluster.takeAll(Refresh)).not.toHaveLength(0);
});

test('it is asked in the epoch of the slot, and of the group of that epoch', () => {
  const { jb, cluster, network } = setUpGet();
  const [first] = exactlyOnce.runs;
  const previous = { epoch: 1, group: first?.group ?? [] };
  const runs = [{ slots: exactlyOnce.slotCount, epoch: 2, group: [1, 2], lead: 1, previous }];

  cluster.trigger(new ViewLearned({ ...exactlyOnce, number: 2, runs }));
  jb.trigger(new Get(bytes('k')));
  const asked = network.takeAll(GlanceMessage);

  expect(asked.map(({ epoch }) => epoch)).toStrictEqual([2, 2]);
  expect(new Set(asked.map(({ destination }) => destination))).toStrictEqual(new Set([a, b]));
});

test('nothing comes of a get that nobody waits for any more', () => {
  const { jb, network, get, asked, say } = setUpGet();

  jb.trigger(new Cancel(get));
  for (const question of asked) say(question, tag);

  expect(jb.take()).toStrictEqual([]);
  expect(network.take()).toStrictEqual([]);
});

test('registers that keep no votes are read by a member', () => {
  const { jb, network, asked } = setUpGet([a, b, c], viewOf([a, b, c]));
  expect(asked).toStrictEqual([]);

  const { destination, id } = network.takeOne(GetRequest);
  network.trigger(new NotFoundReply(me, { id, era: 0 }, { source: destination }));

  expect(jb.take()).toHaveLength(1);
});
