import fc from 'fast-check';

import { startBare } from '../bare';
import { FrameReader, FrameWriter, Kind } from '../bare-frame';
import { closedLoop } from '../closed-loop';
import { Servers } from '../servers';
import { Workload } from '../workload';

const number = fc.nat({ max: 0xffffffff });
const message = fc.record({
  kind: fc.constantFrom(...Object.values(Kind)),
  id: number,
  tag: number,
  key: fc.string({ unit: 'binary-ascii', maxLength: 300 }),
  value: fc.oneof(fc.nat(1_000), fc.nat(400_000)).map((bytes) => Buffer.alloc(bytes, 'value')),
});

type Message = Pick<FrameReader, 'kind' | 'id' | 'tag' | 'key' | 'value'>;

/** Large values are compared as one. */
function plain({ kind, id, tag, key, value }: Message): unknown[] {
  return [kind, id, tag, key, value.toString('latin1')];
}

function read(frame: Buffer): unknown[] {
  const reader = new FrameReader();
  reader.open(frame);
  const messages = [];
  while (reader.next()) messages.push(plain(reader));
  return messages;
}

describe('frames of the bare pattern', () => {
  test('hold the messages that were added since the last one, in order, and never change', () => {
    const turns = fc.array(fc.array(message, { minLength: 1, maxLength: 5 }), { maxLength: 5 });
    fc.assert(
      fc.property(turns, (frames) => {
        const writer = new FrameWriter();

        const taken = frames.map((messages) => {
          for (const { kind, id, tag, key, value } of messages) {
            writer.add(kind, id, tag, key, value);
          }
          return writer.take();
        });

        expect(writer.isEmpty).toBe(true);
        expect(taken.map(read)).toEqual(frames.map((messages) => messages.map(plain)));
      }),
      { numRuns: 50 },
    );
  });
});

describe('the bare pattern', () => {
  test('stores and finds every value, on three replicas', async () => {
    await using servers = new Servers();
    const client = await startBare(servers);
    const workload = new Workload({ keys: 300, keyBytes: 16, valueBytes: 100 });
    expect(await client.get('nothing')).toBeUndefined();
    await workload.hold(client, 300);

    const run = { inFlight: 16, milliseconds: 100 };
    const first = await closedLoop(client, workload, { ...run, generation: 1 });
    const second = await closedLoop(client, workload, { ...run, generation: 0 });

    expect(client.pids).toHaveLength(3);
    expect(first.operations).toBeGreaterThan(0);
    expect(second.operations).toBeGreaterThan(0);
  });
});
