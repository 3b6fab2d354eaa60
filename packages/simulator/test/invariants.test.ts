import { Random, type PortEvent } from '@jbstore/core';
import { NewView, SlotSynced, firstView, type View } from '@jbstore/gms/port';
import { ProcessId, address, type Address, type Message } from '@jbstore/network/port';
import {
  AckMessage,
  Read,
  ReadMessage,
  ReadReturn,
  ValueMessage,
  Write,
  WriteMessage,
  WriteReturn,
} from '@jbstore/register/port';

import { invariants, type Step, type World } from '../src';
import { Calendar } from '../src/calendar';
import { SimulatedProcess } from '../src/simulated-process';

const calendar = new Calendar({ kind: 'random' }, new Random('order'));

function processAt(place: string, port: number, clusterId = 'ours'): SimulatedProcess {
  const self = address({ id: ProcessId.parse(place), host: '10.0.0.1', port });
  const nothing = (): void => undefined;
  const around = { seed: 'seed', send: nothing, handles: nothing, failed: nothing };
  return new SimulatedProcess(place, self, clusterId, calendar.lane(place), around);
}

const [n0, n1, n2] = [processAt('n0', 1), processAt('n1', 2), processAt('n2', 3)];
const fourth = processAt('n3', 4);
const stranger = processAt('x0', 9, 'another');
const processes = [n0, n1, n2, fourth, stranger];
const group: readonly Address[] = [n0.self, n1.self, n2.self];
const rid = { boot: 1, phase: 1 };

const world: World = {
  nowMs: 0,
  clients: 1,
  processes,
  processAt: (self) => processes.find((process) => process.self === self),
  sometimes: () => undefined,
};

interface Said {
  readonly process?: SimulatedProcess;
  readonly event: PortEvent;
  readonly cause?: PortEvent;
}

/** What the invariants say of these steps. A message that a process sends is what goes on the wire. */
function flawsOf(...said: readonly Said[]): readonly string[] {
  const checks = invariants.map((make) => make());
  return said.flatMap(({ process = n0, event, cause }) => {
    const sent = isSent(event) ? [event] : [];
    const step: Step = { process, event, cause, sent, atMs: 0, port: 'port' };
    return checks.flatMap((invariant) => {
      const flaw = invariant.check(world, step);
      return flaw === undefined ? [] : [`${invariant.name}: ${flaw}`];
    });
  });
}

function isSent(event: PortEvent): event is Message {
  return 'destination' in event && Reflect.get(event, 'source') === '@';
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text);
}

function write(timestamp: number, text: string, to = n1.self): WriteMessage {
  return new WriteMessage(to, { ...rid, register: 'r', timestamp, value: bytes(text) });
}

function acknowledgedBy(process: SimulatedProcess, cause: WriteMessage): Said {
  return { process, cause, event: new AckMessage(n0.self, rid) };
}

function reportedBy(process: SimulatedProcess, timestamp: number, text: string, above = 0): Said {
  const cause = new ReadMessage(process.self, { ...rid, register: 'r', above });
  const value = bytes(text);
  return { process, cause, event: new ValueMessage(n0.self, { ...rid, timestamp, value }) };
}

const readOfA = new ReadReturn(new Read('r', group), bytes('a'));
const writeOfA = new WriteReturn(new Write('r', bytes('a'), group));

describe('an invariant', () => {
  test('I5: one timestamp has one value', () => {
    expect(flawsOf({ event: write(32, 'a') }, { event: write(32, 'a') })).toEqual([]);
    expect(flawsOf({ event: write(32, 'a') }, { event: write(32, 'b') })).toEqual([
      expect.stringContaining('I5: the timestamp 32 has the values a and b'),
    ]);
    expect(flawsOf({ event: write(32, 'a') }, reportedBy(n1, 32, 'b'))).toHaveLength(1);
    // A value that was not asked for is not sent.
    expect(flawsOf({ event: write(32, 'a') }, reportedBy(n1, 32, '', 32))).toEqual([]);
  });

  test('I6: the timestamps at a replica never go back', () => {
    const acknowledged = acknowledgedBy(n1, write(64, 'b'));

    expect(flawsOf(acknowledged, reportedBy(n1, 64, 'b'), reportedBy(n2, 32, 'a'))).toEqual([]);
    expect(flawsOf(acknowledged, reportedBy(n1, 32, 'a'))).toEqual([
      expect.stringContaining('I6: n1@10.0.0.1:2 held the timestamp 64, and now 32'),
    ]);
    expect(flawsOf(reportedBy(n1, 64, 'b'), reportedBy(n1, 32, 'a'))).toHaveLength(1);
    expect(flawsOf({ event: write(64, 'b') }, reportedBy(n0, 32, 'a'))).toHaveLength(1);
  });

  test('I12, I20: what is answered is held by a majority, each counted once', () => {
    const imposed = write(32, 'a');
    const begun: Said = { event: imposed };
    const acknowledged = acknowledgedBy(n1, imposed);

    expect(flawsOf(begun, acknowledged, { event: writeOfA })).toEqual([]);
    expect(flawsOf(begun, acknowledged, { process: n2, event: readOfA })).toEqual([]);
    expect(flawsOf(begun, acknowledgedBy(n0, imposed), { event: writeOfA })).toEqual([
      expect.stringContaining('I12: a is answered, and n0@10.0.0.1:1 alone holds it'),
    ]);
    expect(flawsOf(begun, acknowledgedBy(stranger, imposed), { event: readOfA })).toHaveLength(1);
  });

  describe('I8', () => {
    const settings = { clusterId: 'ours', replication: 3, register: 'exactly-once' } as const;
    const first = firstView({ ...settings, slotCount: 4 }, [...group, fourth.self]);
    const spared = (view: View, ...members: number[]): View => {
      const runs = view.runs.map(({ epoch, group: former, ...run }) => ({
        ...run,
        group: members,
        lead: members.find((member) => former.includes(member)) ?? 0,
        previous: { epoch, group: former },
        epoch: view.number + 1,
      }));
      return { ...view, number: view.number + 1, runs };
    };
    const installs = (view: View, process = n0): Said => ({ process, event: new NewView(view) });
    const syncs = (process: SimulatedProcess): Said[] =>
      first.runs.map((_, slot) => ({ process, event: new SlotSynced(slot, 2) }));
    // Each of the four groups lacks one of the four, and gets two of three that it had.
    const second = spared(first, 1, 2, 3);

    test('a number has one view', () => {
      const other = { ...first, nextIndex: 9 };

      expect(flawsOf(installs(first), installs(first, n1))).toEqual([]);
      expect(flawsOf(installs(first), installs(other, n1))).toEqual([
        expect.stringContaining('I8: n1@10.0.0.1:2 installs {'),
      ]);
    });

    test('a process goes on in the order of views', () => {
      expect(flawsOf(installs(first), installs(second))).toEqual([]);
      expect(flawsOf(installs(first), installs(second), installs(first))).toEqual([
        expect.stringContaining('I8: n0@10.0.0.1:1 installs 1 after 2'),
      ]);
    });

    test('V2 and V3 hold, by what the members said, whoever heard it', () => {
      const third = spared(second, 4, 1, 2);

      expect(flawsOf(installs(first), installs(second), installs(third))).toEqual([
        'agreed views: I8: V3: it was not settled: slot 0',
      ]);
      expect(
        flawsOf(installs(first), installs(second), ...syncs(n0), ...syncs(n0), installs(third)),
      ).toHaveLength(1);
      expect(
        flawsOf(installs(first), installs(second), ...syncs(n0), ...syncs(n2), installs(third)),
      ).toEqual([]);
    });
  });

  test('I15: what waits is bounded', () => {
    const tick: Said = { event: new Read('r', group) };
    const ticks = Array.from({ length: 64 }, () => tick);
    expect(flawsOf(...ticks)).toEqual([]);

    for (let index = 0; index <= 20_000; index += 1) n0.lane.after(1, () => undefined);

    expect(flawsOf(...ticks)).toEqual([expect.stringContaining('I15: 20001 wait at n0')]);
    expect(flawsOf(...ticks.slice(1))).toEqual([]);
  });

  test('I18: nothing of another cluster arrives', () => {
    const from = ({ self }: SimulatedProcess): Said => ({
      event: new AckMessage(n0.self, rid, { source: self }),
    });

    expect(flawsOf(from(n1))).toEqual([]);
    expect(flawsOf(from(stranger))).toEqual([expect.stringContaining('I18')]);
  });
});
