import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

import { System, type ComponentFault, type PortEvent } from '@jbstore/core';

import {
  Listening,
  ProcessId,
  WebSocketNetwork,
  type Address,
  type Message,
  type WebSocketNetworkInit,
} from '../src';

/** Waits until `holds` does: a condition, never a time. */
export async function until(holds: () => boolean, what = 'the condition'): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`${what} did not come to hold within 10 s`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** A process that is reached over a wire, by all who know no better; and the wire. */
export async function behindWire(
  id: string,
  init: Partial<WebSocketNetworkInit> = {},
): Promise<[Process, Wire]> {
  const probe = await Wire.to(1);
  const { port } = probe;
  await probe[Symbol.asyncDispose]();
  const wire = await Wire.to(port);
  const host = '127.0.0.1';
  const places = { listen: { host, port }, advertise: { host, port: wire.port } };
  return [await Process.listening(id, { ...init, ...places }), wire];
}

type Class<E> = abstract new (...fields: never[]) => E;

/** A process that has nothing but a network, and notes what it hears. */
export class Process implements AsyncDisposable {
  readonly received: Message[] = [];
  readonly status: PortEvent[] = [];
  readonly faults: ComponentFault[] = [];
  readonly system: System;
  readonly id: ProcessId;
  onMessage: (message: Message) => void = () => undefined;
  readonly #send: (message: Message) => void;

  constructor(id: string, init: Partial<WebSocketNetworkInit> = {}) {
    this.id = ProcessId.parse(id);
    this.system = new System(id, { onFault: (fault) => this.faults.push(fault) });
    const network = this.system.create(WebSocketNetwork, {
      id: this.id,
      clusterId: 'test',
      listen: { host: '127.0.0.1', port: 0 },
      redialMs: 5,
      longestRedialMs: 50,
      tickMs: 10,
      ...init,
    });
    const outside = this.system.clientOf(network.network);
    outside.subscribe((message) => {
      this.received.push(message);
      this.onMessage(message);
    });
    this.system.clientOf(network.status).subscribe((event) => this.status.push(event));
    this.#send = (message) => {
      outside.next(message);
    };
  }

  static async listening(id: string, init: Partial<WebSocketNetworkInit> = {}): Promise<Process> {
    const process = new Process(id, init);
    await process.system.start();
    await until(() => process.saw(Listening).length > 0, `${id} listens`);
    return process;
  }

  static async client(id: string, init: Partial<WebSocketNetworkInit> = {}): Promise<Process> {
    const process = new Process(id, { ...init, listen: undefined });
    await process.system.start();
    return process;
  }

  get address(): Address {
    const [listening] = this.saw(Listening);
    return listening?.address ?? (`${this.id}@` as Address);
  }

  get port(): number {
    return Number(this.address.split(':').at(-1));
  }

  send(message: Message): void {
    this.#send(message);
  }

  saw<E extends PortEvent>(type: Class<E>): E[] {
    return this.status.filter((event): event is E => event instanceof type);
  }

  count(name: string, labels: Record<string, string> = {}): number {
    const counters = this.system
      .counters()
      .filter(
        (counter) =>
          counter.name === name &&
          Object.entries(labels).every(([label, value]) => counter.labels[label] === value),
      );
    return counters.reduce((sum, counter) => sum + counter.value, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (this.faults.length > 0 ? this.system.kill() : this.system[Symbol.asyncDispose]());
  }
}

/** A line that can be cut, or hold back what it carries. */
export class Wire implements AsyncDisposable {
  port = 0;
  /** While false, new connections are cut at once. */
  whole = true;
  connections = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(targetPort: number) {
    this.#server = createServer((near) => {
      if (!this.whole) {
        near.destroy();
        return;
      }
      this.connections += 1;
      const far = connect(targetPort, '127.0.0.1');
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => {
          this.#sockets.delete(socket);
          near.destroy();
          far.destroy();
        });
      }
      near.pipe(far);
      far.pipe(near);
    });
  }

  static async to(targetPort: number): Promise<Wire> {
    const wire = new Wire(targetPort);
    await new Promise<void>((resolve) => wire.#server.listen(0, '127.0.0.1', resolve));
    wire.port = (wire.#server.address() as AddressInfo).port;
    return wire;
  }

  /** Cuts all connections; what they held is lost. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Nothing flows any more, but nobody is told. */
  freeze(): void {
    for (const socket of this.#sockets) {
      socket.unpipe();
      socket.pause();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
