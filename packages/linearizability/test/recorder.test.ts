import { jsonLineOf, readJsonLines, Recorder, type Operation } from '@jbstore/linearizability';

/** A recorder whose time goes on by one whenever it is asked. */
function recording() {
  const history: Operation[] = [];
  let now = 0;
  const recorder = new Recorder({
    now: () => (now += 1),
    record: (operation) => history.push(operation),
  });
  return { recorder, history };
}

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('Recorder', () => {
  test('an operation lies between what was said before it was sent and after it was answered', () => {
    const { recorder, history } = recording();
    const put = recorder.call({ op: 'put', key: 'x', value: '1' });
    const get = recorder.call({ op: 'get', key: 'x' });
    get.ok('1');
    put.ok();

    expect(history).toStrictEqual([
      { client: 1, op: 'get', key: 'x', value: '1', call: 2, return: 3, status: 'ok' },
      { client: 0, op: 'put', key: 'x', value: '1', call: 1, return: 4, status: 'ok' },
    ]);
  });

  test('a client goes on under a number that nobody had, after an outcome that nobody knows', () => {
    const { recorder, history } = recording();
    const client = recorder.client();
    const other = recorder.client();
    client.call({ op: 'put', value: '1' }).unknown();
    client.call({ op: 'cas', from: '1', to: '2' }).fail();
    other.call({ op: 'increment', by: 2 }).ok(4);

    expect(history.map(({ client: number, status }) => [number, status])).toStrictEqual([
      [0, 'unknown'],
      [2, 'fail'],
      [1, 'ok'],
    ]);
    expect(client.number).toBe(2);
  });

  test('a client that is idle is taken before a new one, one without a known outcome never', () => {
    const { recorder, history } = recording();
    recorder.call({ op: 'acquire' }).ok();
    recorder.call({ op: 'release' }).unknown();
    recorder.call({ op: 'acquire' }).ok();
    recorder.call({ op: 'txn', txn: [['read', 'x', null]] }).ok([['read', 'x', 5]]);

    expect(history.map(({ client }) => client)).toStrictEqual([0, 0, 1, 1]);
    expect(history[3]).toMatchObject({ op: 'txn', txn: [['read', 'x', 5]] });
  });

  test('at the end, what is under way is unknown', () => {
    const { recorder, history } = recording();
    const get = recorder.call({ op: 'get', key: 'x' });
    recorder.end();
    get.ok('1');

    expect(history).toMatchObject([{ client: 0, value: null, return: null, status: 'unknown' }]);
  });

  test('a client calls one thing at a time', () => {
    const client = recording().recorder.client();
    client.call({ op: 'delete', key: 'x' });

    expect(() => client.call({ op: 'read' })).toThrow('client 0 is busy');
  });
});

describe('JSON lines', () => {
  test('what is written is read', () => {
    const { recorder, history } = recording();
    recorder.call({ op: 'append', key: 'x', value: 'é\n' }).ok();
    recorder.call({ op: 'increment', key: 'y', by: -1 }).ok(-1);
    recorder.call({ op: 'cas', key: 'x', from: null, to: 1.5 }).fail();
    recorder.call({ op: 'txn', txn: [['write', 'x', true]] }).unknown();
    recorder.call({ op: 'delete', key: 'x' }).ok();
    recorder.call({ op: 'acquire' }).ok();

    const text = history.map((operation) => jsonLineOf(operation)).join('');

    expect(readJsonLines(`\uFEFF${text}\r\n`)).toStrictEqual(history);
  });

  const good = '{"client":1,"op":"put","value":1,"call":1,"return":2,"status":"ok"}\n';
  test.each([
    ['{"client":1,}', 1, 13, 'this is no JSON: "}" is unexpected'],
    [`${good}{"client":1`, 2, 12, 'this is no JSON: the end of the line is unexpected'],
    [`${good}\n{"a":"\\x"}`, 3, 6, 'this is no JSON'],
    ['[1,[2]]', 1, 1, 'this is no operation'],
    [good.replace('put', 'putt'), 1, 18, 'op has to be one of read, write'],
    [good.replace('"value":1,', ''), 1, 1, 'value is missing: it is a string, a number'],
    [good.replace('"value":1,', '"value":[],'), 1, 32, 'value has to be a string, a number'],
    [good.replace('2,', '0,'), 1, 52, 'return has to be no smaller than call'],
    [good.replace('2,', 'null,'), 1, 52, 'return has to be a number, as the status is ok'],
    [good.replace('"ok"', '"info"'), 1, 63, 'status has to be "ok", "fail" or "unknown"'],
    [good.replace('1,', '"a",'), 1, 11, 'client has to be a whole number'],
    [
      `${good.replace('"ok"', '"unknown"')}${good.replace('"call":1,"return":2', '"call":8,"return":9')}`,
      2,
      1,
      'has no known outcome',
    ],
    [`${good}${good}`, 2, 1, 'is not over: a client has one operation at a time'],
    [
      `${good.replace('2,"status":"ok"', 'null,"status":"unknown"')}\n${good.replace('"call":1,"return":2', '"call":8,"return":9')}`,
      3,
      1,
      'has no known outcome: let it go on under a number that nobody had',
    ],
  ])('%j is malformed where it says', (text, line, column, reason) => {
    const expected = { code: 'ERR_MALFORMED_HISTORY', line, column };

    expect(thrownBy(() => readJsonLines(text))).toMatchObject(expected);
    expect(() => readJsonLines(text)).toThrow(reason);
  });
});
