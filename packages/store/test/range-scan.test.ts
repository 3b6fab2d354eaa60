import { NewView, SuspicionsChanged, firstView } from '@jbstore/gms/port';
import { address, ProcessId, type Address } from '@jbstore/network/port';
import {
  CountRegisters,
  ListRegisters,
  RegistersCounted,
  RegistersListed,
} from '@jbstore/register/port';
import { HostTimer } from '@jbstore/timer';
import { Harness } from '@jbstore/testkit';

import {
  KeyPage,
  ListReply,
  ListRequest,
  RefusedReply,
  ScanRequest,
  StatusReply,
  StatusRequest,
} from '../src/messages';
import { RangeScan } from '../src/range-scan';

const node = (name: string, port: number): Address =>
  address({ id: ProcessId.parse(name), host: '127.0.0.1', port });
const [a, b, c, d] = [node('a', 1), node('b', 2), node('c', 3), node('d', 4)];
const stranger = node('stranger', 9);
const client = address({ id: ProcessId.parse('client') });
const settings = { clusterId: 'test', replication: 3, register: 'multi-writer' } as const;
const view = firstView(settings, [a, b, c, d]);

const name = (first: number, key: string): string =>
  String.fromCharCode(first) + '\0'.repeat(15) + key;

function setUp() {
  const harness = new Harness();
  const scan = harness.create(RangeScan, { self: a, retransmitMs: 60, tickMs: 10 });
  const network = harness.providerOf(scan.network);
  const directory = harness.providerOf(scan.directory);
  const membership = harness.providerOf(scan.membership);
  harness.create(HostTimer).timer.connect(scan.timer);
  harness.start();
  membership.trigger(new NewView(view));
  const ask = (after = ''): void => {
    const body = { id: 5, after, limit: 10, timeoutMs: 100 };
    network.trigger(new ScanRequest(a, body, { source: client }));
  };
  const reply = (source: Address, list: number, names: string[], more = false, era = 0): void => {
    network.trigger(new ListReply(a, { list, names, more, era }, { source }));
  };
  return { harness, network, directory, membership, ask, reply };
}

describe('RangeScan', () => {
  test('a page is the union of what a majority of the group of the range lists', () => {
    const { network, ask, reply } = setUp();
    ask();
    const requests = network.takeAll(ListRequest);
    expect(requests.map(({ destination }) => destination)).toStrictEqual([a, b, c]);
    const list = requests[0]?.list ?? -1;

    reply(a, list, [name(1, 'x')]);
    expect(network.take()).toStrictEqual([]);
    reply(c, list, [name(1, 'x'), name(2, 'y')]);

    const page = network.takeOne(KeyPage);
    expect(page).toMatchObject({ destination: client, id: 5, next: `\x40${'\0'.repeat(15)}` });
    expect(page.keys.map((key) => Buffer.from(key).toString())).toStrictEqual(['x', 'y']);
  });

  test('a member that answers twice, an outsider and an unknown scan do not count', () => {
    const { network, ask, reply } = setUp();
    ask();
    const list = network.takeAll(ListRequest)[0]?.list ?? -1;

    reply(b, list, []);
    reply(b, list, []);
    reply(d, list, []);
    reply(stranger, list, []);
    reply(c, list + 1, []);

    expect(network.take()).toStrictEqual([]);
  });

  test('members that have not answered are asked again, by the same number', () => {
    const { harness, network, ask, reply } = setUp();
    ask();
    const list = network.takeAll(ListRequest)[0]?.list ?? -1;
    reply(b, list, []);

    harness.advance(60);

    const again = network.takeAll(ListRequest);
    expect(again.map(({ destination }) => destination)).toStrictEqual([a, c]);
    expect(again.every((request) => request.list === list)).toBe(true);
  });

  test('the last range has no next page, and a range kept elsewhere is refused', () => {
    const { network, ask, reply } = setUp();
    ask(name(0xff, 'k'));
    const list = network.takeAll(ListRequest)[0]?.list ?? -1;
    reply(d, list, []);
    reply(a, list, []);
    expect(network.takeOne(KeyPage)).toMatchObject({ keys: [], next: null });

    ask(name(0x41, 'k'));
    expect(network.takeOne(RefusedReply)).toMatchObject({ code: 'wrong node' });
  });

  test('a page is of the latest era of those who listed', () => {
    const { network, ask, reply } = setUp();
    ask();
    const list = network.takeAll(ListRequest)[0]?.list ?? -1;
    reply(b, list, [], false, 1);
    reply(c, list, []);

    expect(network.takeOne(KeyPage)).toMatchObject({ era: 1 });
  });

  test('a scan without a majority is refused: at once if suspected, else when its time is over', () => {
    const { harness, network, membership, ask } = setUp();
    ask();
    network.take();
    harness.advance(150);
    network.takeAll(ListRequest);
    expect(network.takeOne(RefusedReply)).toMatchObject({ id: 5, code: 'unavailable' });

    membership.trigger(new SuspicionsChanged([b, c]));
    ask();
    expect(network.takeOne(RefusedReply)).toMatchObject({ id: 5, code: 'unavailable' });
  });

  test('lists what it holds to members, and to nobody else', () => {
    const { network, directory } = setUp();
    const body = { list: 9, after: 'a', until: null, limit: 3 };

    network.trigger(new ListRequest(a, body, { source: stranger }));
    expect(directory.take()).toStrictEqual([]);
    network.trigger(new ListRequest(a, body, { source: b }));
    const request = directory.takeOne(ListRegisters);
    expect(request).toMatchObject({ after: 'a', until: undefined, limit: 3 });

    directory.trigger(new RegistersListed(request, ['b'], true));
    const answer = { destination: b, list: 9, names: ['b'], more: true };
    expect(network.takeOne(ListReply)).toMatchObject(answer);
  });

  test('says what it holds to whoever asks', () => {
    const { network, directory } = setUp();
    network.trigger(new StatusRequest(a, { id: 3 }, { source: client }));

    directory.trigger(new RegistersCounted(directory.takeOne(CountRegisters), 2, 50));

    const answer = { destination: client, id: 3, registers: 2, bytes: 50 };
    expect(network.takeOne(StatusReply)).toMatchObject(answer);
  });
});
