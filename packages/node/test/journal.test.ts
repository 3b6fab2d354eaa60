import { System, VirtualHost, type Logger } from '@jbstore/core';
import { NewView, SuspicionsChanged, Waiting, firstView } from '@jbstore/gms/port';
import { Address, Listening, Rejected, SessionLost } from '@jbstore/network/port';
import { loggers } from '@jbstore/node';
import { HostTimer } from '@jbstore/timer';

import { Journal } from '../src/journal';

interface Line {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** Takes lines, as the standard error of a process would. */
class Lines {
  readonly texts: string[] = [];

  write(text: string): void {
    this.texts.push(text);
  }

  take(): Line[] {
    return this.texts.splice(0).map((text) => JSON.parse(text) as Line);
  }
}

const [p, q, r] = ['p@h:1', 'q@h:2', 'r@h:3'].map((text) => Address.parse(text)) as [
  Address,
  Address,
  Address,
];

function journal() {
  const lines = new Lines();
  const host = new VirtualHost();
  const logger = loggers({ logLevel: 'info', logFormat: 'json' }, lines);
  const system = new System('node', { host, logger });
  const component = system.create(Journal);
  const timer = system.create(HostTimer);
  timer.timer.connect(component.timer);
  const membership = system.providerOf(component.membership);
  const status = system.providerOf(component.status);
  void system.start();
  const advance = (ms: number): Line[] => {
    host.advance(ms);
    return lines.take();
  };
  return { membership, status, advance };
}

const settings = { clusterId: 'jbstore', replication: 2, register: 'multi-writer' } as const;
const view = firstView(settings, [p, q]);

describe('the journal', () => {
  test('says where the node listens, whom it waits for, and the view in short', () => {
    const { membership, status, advance } = journal();

    status.next(new Listening(p));
    membership.next(new Waiting('1 of 2 nodes have joined'));
    membership.next(new NewView(view));

    const lines = advance(0);
    expect(lines.map(({ message }) => message)).toEqual([
      'listening',
      '1 of 2 nodes have joined',
      'the cluster is complete: this node serves requests',
    ]);
    expect(lines[0]).toMatchObject({ level: 'info', address: p, component: 'node/Journal' });
    expect(lines[2]).toMatchObject({ number: 1, members: view.members, tokens: 2, runs: 2 });
  });

  test('says who was suspected and who was restored, each once', () => {
    const { membership, advance } = journal();
    const messages = (suspected: readonly Address[]): unknown[] => {
      membership.next(new SuspicionsChanged(suspected));
      return advance(0).map(({ level, node }) => [level, node]);
    };

    expect(messages([q])).toEqual([['warn', q]]);
    expect(messages([q, r])).toEqual([['warn', r]]);
    expect(messages([r])).toEqual([['info', q]]);
    expect(messages([p])).toEqual([
      ['warn', p],
      ['info', r],
    ]);
  });

  test('a flood of bad input is one line at once, and one each ten seconds', () => {
    const { status, advance } = journal();
    const flood = (count: number): void => {
      for (let n = 0; n < count; n += 1) status.next(new Rejected(q, 'bytes', `bad ${n}`));
    };

    flood(10_000);
    expect(advance(0)).toMatchObject([{ level: 'warn', source: q, text: 'bad 0' }]);
    expect(advance(9_999)).toEqual([]);
    expect(advance(1)).toMatchObject([{ text: 'bad 9999', more: 9_999 }]);
    flood(5);
    expect(advance(10_000)).toMatchObject([{ text: 'bad 4', more: 5 }]);
    expect(advance(60_000)).toEqual([]);
    flood(1);
    expect(advance(0)).toMatchObject([{ text: 'bad 0' }]);
  });

  test('a node that stays suspected is reported once for each way in which its sessions end', () => {
    const { membership, status, advance } = journal();
    const warnings = (): unknown[] => advance(30_000).map(({ message, peer }) => [message, peer]);
    const lose = (): unknown[] => {
      status.next(new SessionLost(q, 3, 'outage'));
      return warnings();
    };
    membership.next(new SuspicionsChanged([q]));
    advance(0);

    expect(lose()).toEqual([['session lost: outage', q]]);
    membership.next(new SuspicionsChanged([q, r]));
    advance(0);
    expect(lose()).toEqual([]);
    status.next(new SessionLost(q, 3, 'other process'));
    expect(warnings()).toEqual([['session lost: other process', q]]);

    membership.next(new SuspicionsChanged([r]));
    advance(0);
    expect(lose()).toEqual([['session lost: outage', q]]);
    expect(lose()).toEqual([['session lost: outage', q]]);
  });

  test('one kind of trouble does not hide another', () => {
    const { status, advance } = journal();

    status.next(new Rejected(q, 'http', 'GET /'));
    status.next(new Rejected(q, 'bytes', 'no HTTP'));
    status.next(new SessionLost(r, 7, 'outage'));

    expect(advance(0)).toMatchObject([
      { message: 'rejected input: http' },
      { message: 'rejected input: bytes' },
      { message: 'session lost: outage', peer: r, dropped: 7 },
    ]);
  });
});

test('a client that leaves is no trouble; one that is lost is, if it misses something', () => {
  const { status, advance } = journal();
  const client = Address.parse('c@');

  status.next(new SessionLost(client, 0, 'outage'));
  status.next(new SessionLost(client, 3, 'ended by peer'));
  expect(advance(0)).toEqual([]);
  status.next(new SessionLost(client, 2, 'outage'));
  expect(advance(0)).toMatchObject([{ level: 'warn', peer: client, dropped: 2 }]);
});

describe('log lines', () => {
  const logger = (logLevel: 'info' | 'silent', logFormat: 'json' | 'text', lines: Lines): Logger =>
    loggers({ logLevel, logFormat }, lines)('node/Part');

  test('carry the time, the level, the component, the fields and the whole cause', () => {
    const lines = new Lines();
    const cause = new Error('outer', { cause: new RangeError('inner') });

    logger('info', 'json', lines).error('it failed', { cause, port: 7100 });

    const [line] = lines.take();
    expect(line).toMatchObject({
      level: 'error',
      component: 'node/Part',
      message: 'it failed',
      port: 7100,
      cause: { message: 'outer', cause: { name: 'RangeError', message: 'inner' } },
    });
    expect(line?.['time']).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  test('are text for people, if they want it', () => {
    const lines = new Lines();

    logger('info', 'text', lines).warn('suspected', { node: q, text: 'two words' });

    expect(lines.texts).toEqual([
      expect.stringMatching(
        /^\d\d:\d\d:\d\d\.\d{3} warn  suspected node=q@h:2 text="two words"\n$/,
      ),
    ]);
  });

  test('are left out below the level', () => {
    const lines = new Lines();

    logger('info', 'json', lines).debug('connected');
    logger('silent', 'json', lines).error('it failed');

    expect(lines.texts).toEqual([]);
  });

  test.each(['\n', '\u001b[31m', '\r\n', '\u009b'])(
    'one line is one line, whatever %j is in it',
    (evil) => {
      const lines = new Lines();

      logger('info', 'text', lines).warn(`rejected ${evil}`, { text: `a${evil}b` });

      for (const text of lines.texts) expect(text.slice(0, -1)).not.toMatch(/\p{Cc}/u);
    },
  );
});
