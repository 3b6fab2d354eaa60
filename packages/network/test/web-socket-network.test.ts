import { connect as connectTcp } from 'node:net';
import { get } from 'node:http';
import { queryObjects } from 'node:v8';

import { WebSocket } from 'ws';
import { z } from 'zod';

import {
  Address,
  bytes,
  Congested,
  Connected,
  ConnectionRefused,
  Disconnected,
  Listening,
  message,
  PortInUseError,
  Rejected,
  Relieved,
  SessionLost,
  Unreachable,
  type Message,
} from '../src';
import { Peer } from '../src/peer';
import { envelopeWireId } from '../src/message';
import { Session } from '../src/session';
import { behindWire, Process, until, Wire } from './support';

class Note extends message('test/Note', { number: z.int() }) {}
class Bulk extends message('test/Bulk', { filling: bytes() }) {}
class Strict extends message('test/Strict', { even: z.int().refine((n) => n % 2 === 0) }) {}

const numbersIn = (received: readonly Message[]): number[] =>
  received.flatMap((each) => (each instanceof Note ? [each.number] : []));
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const at = (port: number, id = ''): Address => Address.parse(`${id}@127.0.0.1:${port}`);

/** Both sessions are established, and `one` knows that the other has got what it sent. */
async function exchange(one: Process, other: Process, to: Address): Promise<void> {
  one.send(new Note(to, { number: 0 }));
  await until(() => other.received.length === 1);
  other.send(new Note(other.received[0]?.source ?? to, { number: 0 }));
  await until(() => one.received.length === 1);
}

describe('who is reached', () => {
  test('whoever answers at a host and port, and by its id from then on', async () => {
    await using bob = await Process.listening('bob');
    await using ann = await Process.client('ann');
    bob.onMessage = (received) => bob.send(new Note(received.source, { number: 1 }));

    ann.send(new Note(at(bob.port), { number: 0 }));
    await until(() => ann.received.length === 1);

    expect(ann.received[0]).toMatchObject({ source: bob.address, destination: 'ann@', number: 1 });
    expect(bob.received[0]).toMatchObject({ source: 'ann@', destination: bob.address });
    ann.send(new Note(bob.address, { number: 2 }));
    await until(() => bob.received.length === 2);
    expect(ann.saw(Connected).length).toBe(1);
  });

  test('the process itself, by its id or its port, without sharing bytes', async () => {
    await using ann = await Process.listening('ann');
    const filling = Uint8Array.of(1);

    ann.send(new Bulk(ann.address, { filling }));
    ann.send(new Bulk(at(ann.port), { filling }));
    await until(() => ann.received.length === 2);
    filling[0] = 9;

    expect(ann.received).toEqual(
      upTo(2).map(
        () => new Bulk(ann.address, { filling: Uint8Array.of(1) }, { source: ann.address }),
      ),
    );
  });

  test('a process that starts later than what is sent to it', async () => {
    await using wire = await Wire.to(1);
    const { port } = wire;
    await wire[Symbol.asyncDispose]();
    await using ann = await Process.client('ann');
    ann.send(new Note(at(port), { number: 7 }));
    await until(() => ann.saw(Unreachable).length > 1);

    await using bob = await Process.listening('bob', { listen: { host: '127.0.0.1', port } });
    await until(() => bob.received.length === 1);

    expect(bob.received[0]).toMatchObject({ number: 7 });
    expect(ann.saw(Unreachable)[0]).toMatchObject({ peer: at(port), attempts: 1 });
  });

  test('over one connection, even when both dial at once', async () => {
    await using ann = await Process.listening('ann');
    await using bob = await Process.listening('bob');

    for (const number of upTo(100)) {
      ann.send(new Note(bob.address, { number }));
      bob.send(new Note(ann.address, { number }));
    }
    await until(() => ann.received.length === 100 && bob.received.length === 100);
    await until(() => [ann, bob].every((process) => process.count('network.connections') === 1));

    expect([ann, bob].map(({ received }) => numbersIn(received))).toEqual([upTo(100), upTo(100)]);
    expect([...ann.saw(SessionLost), ...bob.saw(SessionLost)]).toEqual([]);
  });

  test('no other process: an address is not an identity', async () => {
    await using bob = await Process.listening('bob');
    await using ann = await Process.client('ann');

    ann.send(new Note(at(bob.port, 'cid'), { number: 1 }));
    await until(() => ann.saw(SessionLost).length > 0);

    expect(ann.saw(ConnectionRefused)[0]).toMatchObject({
      peer: at(bob.port, 'cid'),
      code: 'ERR_WRONG_PROCESS',
      expected: 'cid',
      found: 'bob',
    });
    expect(ann.saw(SessionLost)[0]).toMatchObject({ dropped: 1, reason: 'other process' });
    expect(bob.received).toEqual([]);
  });

  test('no process of another cluster', async () => {
    await using bob = await Process.listening('bob', { clusterId: 'mine' });
    await using ann = await Process.client('ann', { clusterId: 'yours' });

    ann.send(new Note(at(bob.port), { number: 1 }));
    await until(() => ann.saw(SessionLost).length > 0);

    expect(ann.saw(ConnectionRefused)[0]).toMatchObject({
      code: 'ERR_FOREIGN_CLUSTER',
      expected: 'yours',
      found: 'mine',
    });
    expect(bob.received).toEqual([]);
  });
});

describe('a session', () => {
  test('goes on over connections that are cut in mid-stream', async () => {
    const [process, line] = await behindWire('bob');
    await using bob = process;
    await using wire = line;
    await using ann = await Process.client('ann');
    const total = 20_000;
    const share = total / 5;
    for (let sent = 0; sent < total; sent += share) {
      for (const index of upTo(share)) {
        ann.send(new Note(at(wire.port), { number: sent + index }));
      }
      await until(() => bob.received.length > sent + share / 10);
      wire.cut();
    }
    await until(() => bob.received.length >= total);

    expect(numbersIn(bob.received)).toEqual(upTo(total));
    expect(ann.saw(SessionLost)).toEqual([]);
    expect(bob.saw(SessionLost)).toEqual([]);
    expect(ann.saw(Connected).length).toBeGreaterThan(3);
  });

  test('goes on after silence: a peer that gives no sign of life is dialled again', async () => {
    const [process, line] = await behindWire('bob');
    await using bob = process;
    await using wire = line;
    await using ann = await Process.client('ann', { pingAfterMs: 20, silenceMs: 200 });
    ann.send(new Note(at(wire.port), { number: 0 }));
    await until(() => bob.received.length === 1);
    const peer = bob.received[0]?.destination ?? at(1);

    wire.freeze();
    ann.send(new Note(at(wire.port), { number: 1 }));
    await until(() => ann.saw(Disconnected).length > 0);
    expect(ann.saw(Disconnected)[0]).toMatchObject({ peer, reason: 'silent for 200 ms' });
    await until(() => bob.received.length === 2);

    expect(numbersIn(bob.received)).toEqual([0, 1]);
    expect(ann.count('network.reconnects')).toBe(1);
  });

  test('ends when the other process was started again, and says how much was dropped', async () => {
    await using ann = await Process.listening('ann');
    const bob = await Process.listening('bob');
    const { port } = bob;
    await exchange(ann, bob, bob.address);
    await bob[Symbol.asyncDispose]();
    await until(() => ann.saw(Disconnected).length > 0);
    for (const number of upTo(5)) ann.send(new Note(bob.address, { number }));

    await using again = await Process.listening('bob', { listen: { host: '127.0.0.1', port } });
    await until(() => ann.saw(SessionLost).length > 0);
    ann.send(new Note(again.address, { number: 9 }));
    await until(() => again.received.length > 0);

    expect(ann.saw(SessionLost)).toEqual([new SessionLost(bob.address, 5, 'other process')]);
    expect(numbersIn(again.received)).toEqual([9]);
  });

  test('ends after the longest outage, at both', async () => {
    const [process, line] = await behindWire('bob', { outageMs: 100 });
    await using bob = process;
    await using wire = line;
    await using ann = await Process.client('ann', { outageMs: 100 });
    await exchange(ann, bob, at(wire.port));
    wire.whole = false;
    wire.cut();
    await until(() => bob.saw(Disconnected).length > 0 && ann.saw(Disconnected).length > 0);
    bob.send(new Note(Address.parse('ann@'), { number: 1 }));
    await until(() => bob.saw(SessionLost).length > 0 && ann.saw(SessionLost).length > 0);

    expect(bob.saw(SessionLost)).toMatchObject([{ peer: 'ann@', reason: 'outage' }]);
    expect(ann.saw(SessionLost)).toEqual([new SessionLost(bob.address, 0, 'outage')]);
  });

  test('with a process that listens nowhere, and is not connected, waits and ends', async () => {
    await using ann = await Process.listening('ann', { outageMs: 50 });

    ann.send(new Note(Address.parse('nobody@'), { number: 1 }));
    await until(() => ann.saw(SessionLost).length > 0);

    expect(ann.saw(SessionLost)[0]).toMatchObject({ peer: 'nobody@', dropped: 1 });
  });

  test('ends when too much waits in it; long before, it is called congested', async () => {
    await using bob = await Process.listening('bob');
    const bounds = { queuedMessages: 100, congestedMessages: 20, outageMs: 60_000 };
    await using ann = await Process.client('ann', bounds);
    const nobody = Address.parse('bob@');
    for (const number of upTo(101)) ann.send(new Note(nobody, { number }));
    await until(() => ann.saw(SessionLost).length > 0);

    expect(ann.saw(Congested)[0]).toMatchObject({ peer: nobody, queuedMessages: 20 });
    expect(ann.saw(SessionLost)[0]).toEqual(new SessionLost(nobody, 101, 'overflow'));
    expect(ann.saw(Relieved).length).toBe(1);
    ann.send(new Note(bob.address, { number: 5 }));
    await until(() => bob.received.length === 1);
  });

  test('hands out messages of the priority lane before those that wait in the normal one', async () => {
    await using bob = await Process.listening('bob');
    await using ann = await Process.client('ann', { socketBytes: 1, frameBytes: 100_000 });
    const filling = new Uint8Array(100_000);
    for (let count = 0; count < 100; count += 1) ann.send(new Bulk(bob.address, { filling }));

    ann.send(new Note(bob.address, { number: 1 }, { lane: 'priority' }));
    await until(() => bob.received.length === 101);

    expect(bob.received.findIndex((each) => each instanceof Note)).toBeLessThan(10);
  });

  test('carries a message that is larger than a frame', async () => {
    await using bob = await Process.listening('bob');
    await using ann = await Process.client('ann');
    const filling = new Uint8Array(2 * 1024 * 1024).fill(7);

    ann.send(new Note(bob.address, { number: 1 }));
    ann.send(new Bulk(bob.address, { filling }));
    ann.send(new Note(bob.address, { number: 2 }));
    await until(() => bob.received.length === 3);

    expect(numbersIn(bob.received)).toEqual([1, 2]);
    const [, bulk] = bob.received;
    expect(bulk instanceof Bulk && Buffer.compare(bulk.filling, filling)).toBe(0);
  });

  test('sends what waits before the process stops', async () => {
    await using bob = await Process.listening('bob');
    const ann = await Process.client('ann');
    ann.send(new Note(bob.address, { number: 0 }));
    await until(() => bob.received.length === 1);

    for (const number of upTo(1000)) ann.send(new Note(bob.address, { number }));
    await ann[Symbol.asyncDispose]();
    await until(() => bob.received.length === 1001);
  });
});

describe('a process that listens nowhere, and stops', () => {
  const ann = Address.parse('ann@');

  test('ends its sessions at once, whatever waits for it', async () => {
    await using bob = await Process.listening('bob');
    const client = await Process.client('ann');
    await exchange(client, bob, bob.address);
    await client[Symbol.asyncDispose]();
    await until(() => bob.saw(SessionLost).length > 0);

    expect(bob.saw(Disconnected)).toEqual([new Disconnected(ann, 'the process stops')]);
    expect(bob.saw(SessionLost)).toMatchObject([{ peer: ann, reason: 'ended by peer' }]);
    bob.send(new Note(ann, { number: 2 }));
    await until(() => bob.saw(SessionLost).length > 1);
    expect(bob.saw(SessionLost)[1]).toEqual(new SessionLost(ann, 1, 'ended by peer'));
  });

  test('is heard again when it comes again', async () => {
    await using bob = await Process.listening('bob');
    await using client = await Process.client('ann');
    await exchange(client, bob, bob.address);
    await client.system.stop();
    await until(() => bob.saw(SessionLost).length > 0);

    await client.system.start();
    // The old session is gone, and what is sent before that is known may be lost with it.
    client.send(new Note(bob.address, { number: 1 }));
    await until(() => client.saw(SessionLost).length > 0);
    client.send(new Note(bob.address, { number: 2 }));
    await until(() => numbersIn(bob.received).includes(2));
    bob.send(new Note(ann, { number: 3 }));
    await until(() => numbersIn(client.received).includes(3));

    expect(client.saw(SessionLost)).toMatchObject([{ peer: bob.address, reason: 'ended by peer' }]);
    expect(bob.saw(SessionLost).length).toBe(1);
  });

  test('loses nothing when it is the other side that stops, or the line that is cut', async () => {
    const [process, line] = await behindWire('bob');
    await using bob = process;
    await using wire = line;
    await using client = await Process.client('ann');
    await exchange(client, bob, at(wire.port));

    await bob.system.stop();
    await until(() => client.saw(Disconnected).length > 0);
    bob.send(new Note(ann, { number: 1 }));
    await bob.system.start();
    client.send(new Note(bob.address, { number: 1 }));
    await until(() => client.received.length === 2 && bob.received.length === 2);
    wire.cut();
    await until(() => bob.saw(Disconnected).length > 1);
    bob.send(new Note(ann, { number: 2 }));
    client.send(new Note(bob.address, { number: 2 }));
    await until(() => client.received.length === 3 && bob.received.length === 3);

    expect([...client.saw(SessionLost), ...bob.saw(SessionLost)]).toEqual([]);
  });

  test('leaves nothing behind, however many come and go', async () => {
    const kept = (): number[] =>
      [Peer, Session].map((type) => queryObjects(type, { format: 'count' }));
    await using bob = await Process.listening('bob', { closeMs: 100 });
    bob.onMessage = ({ source }) => bob.send(new Note(source, { number: 1 }));
    const before = kept();

    for (const turn of upTo(10)) {
      const visitors = upTo(20).map(async (number) => {
        const visitor = await Process.client(`visitor-${turn}-${number}`);
        visitor.send(new Note(bob.address, { number }));
        // Every other one leaves without waiting for the answer.
        if (number % 2) await until(() => visitor.received.length === 1);
        else await until(() => visitor.saw(Connected).length === 1);
        await visitor[Symbol.asyncDispose]();
      });
      await Promise.all(visitors);
    }

    expect(bob.received.length).toBe(200);
    await until(() => kept().every((count, index) => count <= (before[index] ?? 0)));
    expect(bob.saw(SessionLost).every(({ reason }) => reason === 'ended by peer')).toBe(true);
    await until(() => bob.count('network.queue.messages') + bob.count('network.connections') === 0);
  });
});

describe('what is none of ours', () => {
  const refuses = (
    what: string,
    reason: string,
    attack: (port: number) => Promise<unknown>,
  ): void => {
    test(`is counted, told, and harms nobody: ${what}`, async () => {
      // Only who is to say nothing is waited for; the others may be slow.
      const settings = reason === 'handshake' ? { handshakeMs: 300 } : {};
      await using bob = await Process.listening('bob', settings);

      await attack(bob.port);
      await until(() => bob.saw(Rejected).length > 0, `a rejection of ${what}`);

      expect(bob.saw(Rejected)[0]?.reason).toBe(reason);
      expect(bob.count('network.rejected', { reason })).toBeGreaterThan(0);
      await using ann = await Process.client('ann');
      ann.send(new Note(bob.address, { number: 1 }));
      await until(() => numbersIn(bob.received).length === 1);
    });
  };

  refuses('a plain HTTP request, which gets a short answer', 'http', async (port) => {
    const status = await new Promise<number | undefined>((resolve) => {
      get({ port, host: '127.0.0.1', path: '/' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
    });
    expect(status).toBe(426);
  });
  refuses('a WebSocket for another path', 'http', async (port) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/chat`);
    await new Promise((resolve) => socket.once('error', resolve));
  });
  refuses('random bytes', 'bytes', (port) => raw(port, Buffer.from([0, 1, 2, 3, 255, 10, 13])));
  refuses('silence', 'handshake', (port) => raw(port, Buffer.alloc(0)));
  refuses('a WebSocket that says nothing', 'handshake', (port) => open(port));
  refuses('a text that is no handshake', 'handshake', async (port) =>
    (await open(port)).send('{"hello":1}'),
  );
  refuses('a frame before the handshake', 'handshake', async (port) =>
    (await open(port)).send(Buffer.alloc(40)),
  );
  refuses('a frame beyond the limit', 'bytes', async (port) =>
    (await open(port)).send(Buffer.alloc(6 * 1024 * 1024)),
  );
  refuses('a stranger of another cluster', 'stranger', async (port) =>
    (await open(port)).send(JSON.stringify({ ...hello, clusterId: 'other' })),
  );
  refuses('a stranger who looks for somebody else', 'stranger', async (port) =>
    (await open(port)).send(JSON.stringify({ ...hello, expected: 'zoe' })),
  );
  refuses('a stranger with another protocol', 'stranger', async (port) =>
    (await open(port)).send(JSON.stringify({ ...hello, protocol: 99 })),
  );
  refuses('a frame that was cut short', 'frame', async (port) =>
    (await welcomed(port)).send(frameOf(Note, Buffer.from([2])).subarray(0, 25)),
  );
  refuses('a frame out of sequence', 'frame', async (port) =>
    (await welcomed(port)).send(frameOf(Note, Buffer.from([2]), 7)),
  );
  refuses('a message with a malformed body', 'malformed message', async (port) =>
    (await welcomed(port)).send(frameOf(Note, Buffer.from([0xff]))),
  );
  refuses('a message that only zod can refuse', 'malformed message', async (port) =>
    (await welcomed(port)).send(frameOf(Strict, Buffer.from([3]))),
  );
  refuses('a message of an unknown type', 'unknown type', async (port) =>
    (await welcomed(port)).send(frameOf({ declaration: { wireId: 1 } }, Buffer.from([2]))),
  );
  refuses('a stranger who introduces itself as a unit', 'handshake', async (port) =>
    (await open(port)).send(JSON.stringify({ ...hello, address: 'eve@#unit' })),
  );

  const envelope = { declaration: { wireId: envelopeWireId } };
  const wireIdOf = ({ declaration: { wireId } }: typeof envelope): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(wireId);
    return bytes;
  };
  const enveloped = (units: readonly number[], ...inside: readonly Buffer[]): Buffer =>
    frameOf(envelope, Buffer.concat([Buffer.from(units), ...inside]));
  const noUnits = [0, 0];
  refuses('an envelope with a unit that cannot be', 'malformed message', async (port) =>
    (await welcomed(port)).send(enveloped([1, 1, 0x20, 0], wireIdOf(Note), Buffer.from([2]))),
  );
  refuses('an envelope that was cut short', 'malformed message', async (port) =>
    (await welcomed(port)).send(enveloped(noUnits, Buffer.from([1]))),
  );
  refuses('an envelope with a malformed body', 'malformed message', async (port) =>
    (await welcomed(port)).send(enveloped(noUnits, wireIdOf(Note), Buffer.from([0xff]))),
  );
  refuses('an envelope within an envelope', 'unknown type', async (port) =>
    (await welcomed(port)).send(enveloped(noUnits, wireIdOf(envelope), Buffer.from([0, 0]))),
  );

  test('a bad message is passed over, and the session goes on behind it', async () => {
    await using bob = await Process.listening('bob');
    const socket = await welcomed(bob.port);

    socket.send(frameOf(Note, Buffer.from([0xff]), 1));
    socket.send(frameOf(Note, Buffer.from([2]), 2));
    await until(() => bob.received.length === 1);

    expect(bob.saw(Rejected)[0]).toMatchObject({ source: 'eve@', reason: 'malformed message' });
    expect(bob.saw(Disconnected)).toEqual([]);
    socket.terminate();
  });
});

test('a port in use is a fault of the component, and says what to do', async () => {
  await using ann = await Process.listening('ann');
  const bob = new Process('bob', { listen: { host: '127.0.0.1', port: ann.port } });
  await bob.system.start();
  await until(() => bob.faults.length > 0);

  expect(bob.faults[0]?.cause).toBeInstanceOf(PortInUseError);
  expect(bob.faults[0]?.message).toContain('choose another port');
  expect(bob.saw(Listening)).toEqual([]);
  await bob[Symbol.asyncDispose]();
});

const hello = {
  kind: 'hello',
  protocol: 1,
  clusterId: 'test',
  id: 'eve',
  incarnation: 'e1',
  address: 'eve@',
  expected: 'bob',
  session: 's1',
  established: false,
  received: { normal: 0, priority: 0 },
  dial: 1,
};

function raw(port: number, sent: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(sent));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve();
    });
    socket.resume();
  });
}

async function open(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/jbstore`);
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('message', resolve));
  return socket;
}

async function welcomed(port: number): Promise<WebSocket> {
  const socket = await open(port);
  socket.send(JSON.stringify(hello));
  await new Promise((resolve) => socket.once('message', resolve));
  return socket;
}

function frameOf(
  { declaration: { wireId } }: { readonly declaration: { readonly wireId: number } },
  body: Buffer,
  first = 1,
): Buffer {
  const frame = Buffer.alloc(27);
  frame.writeUIntLE(first, 1, 6);
  frame.writeUInt32LE(body.length, 19);
  frame.writeUInt32LE(wireId, 23);
  return Buffer.concat([frame, body]);
}
