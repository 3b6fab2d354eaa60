import { check, modelNamed, readHistory } from '@jbstore/linearizability';

const knossos = `; a comment
[{:type :invoke, :f :write, :value 3, :process 0, :time 1, :index 0}
 {:type :info, :f :start, :value nil, :process :nemesis}
 {:type :invoke, :f :cas, :value [0 3], :process 1} #_{:type :ok}
 {:type :ok, :f :write, :value 3, :process 0}
 {:type :fail, :f :cas, :value [0 3], :process 1, :error "no \\"luck\\""}
 {:type :invoke, :f :read, :value nil, :process 0}
 {:type :invoke, :f :write, :value 4, :process 1}
 {:type :ok, :f :read, :value 4, :process 0}
 {:type :info, :f :write, :value 4, :process 1}
 {:type :invoke, :f :read, :process 2}]`;

const transactions = `({:process 0 :type :invoke :f :txn :value [[:read :x nil] [:write :y 2]]}
  #jepsen.history.Op{:process 0, :type :ok, :f :txn, :value [[:read :x 0] [:write :y 2]]})`;

const kv = `{:process 0, :type :invoke, :f :append, :key "0", :value "a\\nb"}
{:process 0, :type :ok, :f :append, :key "0", :value "a\\nb"}
{:process 0, :type :invoke, :f :get, :key "0", :value nil}
{:process 0, :type :ok, :f :get, :key "0", :value "a\\nb"}
`;

const log = `INFO  jepsen.core - Worker 0 starting
INFO  jepsen.util - 0\t:invoke\t:read\tnil
INFO  jepsen.util - :nemesis\t:info\t:start\tnil
INFO  jepsen.util - 0   :fail   :read   :timed-out
INFO  jepsen.util - 1\t:invoke\t:cas\t[1 2]
INFO  jepsen.util - 0\t:invoke\t:write\t1
INFO  jepsen.util - 0\t:info\t:write\t:timed-out
INFO  jepsen.util - 1\t:ok\t:cas\t[1 2]
`;

describe('a history is recognised, and read', () => {
  test('EDN of Knossos, where a failed compare-and-set and a read of nil say nothing', () => {
    const { format, semantics, model, operations } = readHistory(knossos);

    expect({ format, semantics, model }).toStrictEqual({
      format: 'EDN of Knossos',
      semantics: 'knossos',
      model: 'cas-register(0)',
    });
    expect(operations).toStrictEqual([
      { client: 0, op: 'write', value: 3, call: 0, return: 2, status: 'ok' },
      { client: 1, op: 'cas', from: 0, to: 3, call: 1, return: 3, status: 'fail' },
      { client: 0, op: 'read', value: 4, call: 4, return: 6, status: 'ok' },
      { client: 1, op: 'write', value: 4, call: 5, return: null, status: 'unknown' },
      { client: 2, op: 'read', value: null, call: 8, return: null, status: 'unknown' },
    ]);
    expect(check(operations, modelNamed(model, semantics)).verdict).toBe('linearizable');
  });

  test('transactions, with what was read in the end', () => {
    const { model, operations } = readHistory(transactions);

    expect(model).toBe('multi-register(0)');
    expect(operations).toMatchObject([
      {
        op: 'txn',
        txn: [
          ['read', 'x', 0],
          ['write', 'y', 2],
        ],
        call: 0,
        return: 1,
      },
    ]);
  });

  test('locks', () => {
    const text = '[{:process 0 :type :invoke :f :acquire :value nil}]';

    expect(readHistory(text)).toMatchObject({ model: 'mutex', operations: [{ op: 'acquire' }] });
  });

  test('EDN of Porcupine, where keys hold the empty text at first', () => {
    const { format, model, operations } = readHistory(kv);

    expect({ format, model }).toStrictEqual({
      format: 'EDN of Porcupine',
      model: 'kv-append(partitioned)',
    });
    expect(operations).toStrictEqual([
      { client: 0, op: 'append', key: '0', value: 'a\nb', call: 0, return: 1, status: 'ok' },
      { client: 0, op: 'get', key: '0', value: 'a\nb', call: 2, return: 3, status: 'ok' },
    ]);
  });

  test('a log of Jepsen, where others log too', () => {
    const { format, model, operations } = readHistory(log);

    expect({ format, model }).toStrictEqual({
      format: 'log of Jepsen',
      model: 'cas-register(nil)',
    });
    expect(operations).toStrictEqual([
      { client: 0, op: 'read', value: null, call: 0, return: 1, status: 'fail' },
      { client: 1, op: 'cas', from: 1, to: 2, call: 2, return: 5, status: 'ok' },
      { client: 0, op: 'write', value: 1, call: 3, return: null, status: 'unknown' },
    ]);
    expect(check(operations, modelNamed(model)).verdict).toBe('linearizable');
  });

  test.each([
    ['', 'cas-register(nil)'],
    ['{"client":1,"op":"get","value":1,"call":1,"return":2,"status":"ok"}', 'kv(nil)'],
    ['{"client":1,"op":"read","key":"x","value":1,"call":1,"return":2,"status":"ok"}', 'kv(nil)'],
  ])('JSON lines: %s', (text, model) => {
    expect(readHistory(text)).toMatchObject({
      format: 'JSON lines',
      semantics: 'porcupine',
      model,
    });
  });
});

const invoke = '{:process 1 :type :invoke :f :write :value 1}';
const info = invoke.replace('invoke', 'info');

describe('a malformed history is refused where it is wrong', () => {
  test.each([
    ['hello', 1, 1, 'this begins no history'],
    ['\n  <xml>', 2, 3, 'this begins no history'],
    ['[{"client": 1}]', 1, 1, 'this is no operation'],
    [`[${invoke}`, 1, 1, 'this is never closed by ]'],
    [`[${invoke}\n)]`, 2, 1, 'this is no EDN: ")" is unexpected'],
    ['[{:process}]', 1, 2, 'a key of this map has no value'],
    ['[{:process 1\n :type "a}]', 2, 8, 'this is no string that ends'],
    ['[{:process 1 :f :read}]', 1, 2, ':type is missing'],
    ['[{:process 1 :f :read :type :done}]', 1, 29, ':type is :invoke, :ok, :fail or :info'],
    [`[${invoke}\n\n ${invoke}]`, 3, 2, 'process 1 has not finished its write'],
    [
      `[${invoke}${info}\n${invoke}]`,
      2,
      1,
      'process 1 has an unknown outcome: it goes on as another',
    ],
    [`[${info}]`, 1, 2, 'process 1 has invoked nothing that could end'],
    [
      `[${invoke}\n${info.replace('write', 'read')}]`,
      2,
      1,
      'this ends read, and write was invoked',
    ],
    ['[{:process 1 :type :invoke :f :jump}]', 1, 2, 'jump is none of read, write'],
    ['[{:process 1 :type :invoke :f :cas :value [1]}]', 1, 43, 'cas has a value of two'],
    ['[{:process 1 :type :invoke :f :txn :value [[:add :x 1]]}]', 1, 44, 'a step of a transaction'],
    ['[{:process 1 :type :invoke :f :write :value {}}]', 1, 45, 'this is no single value'],
    ['[1]', 1, 2, 'this is no map of :process'],
    [`${log}INFO  jepsen.util - 9\t:inv`, 9, 1, 'this is no line of Jepsen'],
    [`${log}INFO  jepsen.util - 9\t:invoke\t:cas\t[1 2`, 9, 36, 'this is never closed by ]'],
    [`${log}INFO  jepsen.util - 9\t:ok\t:read\t1`, 9, 1, 'process 9 has invoked nothing'],
  ])('%j', (text, line, column, reason) => {
    let thrown: unknown;
    try {
      readHistory(text);
    } catch (error) {
      thrown = error;
    }

    expect(thrown).toMatchObject({ code: 'ERR_MALFORMED_HISTORY', line, column });
    expect(String(thrown)).toContain(reason);
  });
});

test.each(['lock', 'mutex(1)', 'kv-append(x)', 'kv(nil', 'kv/jepsen-semantics', ''])(
  '%j names no model, and what does is said',
  (name) => {
    expect(() => modelNamed(name)).toThrow(/names no model: /);
  },
);
