import { connect, type Socket } from 'node:net';

const text = 1;
const binary = 2;
const close = 8;

/** A WebSocket made by hand, so that it can send what no library would. */
export class RawWebSocket {
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #upgraded = false;
  readonly #texts: string[] = [];
  #look: () => void = () => undefined;

  /** @param address - `host:port` of a node */
  constructor(address: string) {
    const [host, port] = address.split(':');
    this.#socket = connect(Number(port), host ?? '');
    this.#socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#read();
    });
    this.#socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.#socket.on('close', () => resolve()));
    this.#socket.write(
      'GET /jbstore HTTP/1.1\r\nHost: node\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
  }

  /** The next message of the handshake, which is JSON in a text. */
  async handshake(): Promise<Readonly<Record<string, unknown>>> {
    while (this.#texts.length === 0) {
      await new Promise<void>((resolve, reject) => {
        this.#look = resolve;
        void this.closed.then(() => reject(new Error('closed before a handshake')));
      });
    }
    return JSON.parse(this.#texts.shift() ?? '') as Readonly<Record<string, unknown>>;
  }

  /** Introduces itself as a client, and resolves with what the node answers to that. */
  async introduce(clusterId: string): Promise<Readonly<Record<string, unknown>>> {
    const greeting = await this.handshake();
    const id = `raw${Math.floor(performance.now() * 1000)}`;
    const hello = {
      kind: 'hello',
      protocol: greeting['protocol'],
      clusterId,
      id,
      incarnation: '1',
      address: `${id}@`,
      expected: greeting['id'],
      session: '1',
      established: false,
      received: { normal: 0, priority: 0 },
      dial: 1,
    };
    this.send(Buffer.from(JSON.stringify(hello)), text);
    return await this.handshake();
  }

  /** Sends a message in one frame, whose mask is zero. */
  send(payload: Uint8Array, kind: number = binary, claimedBytes = payload.length): void {
    const head = Buffer.alloc(14);
    head[0] = 0x80 | kind;
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(claimedBytes), 2);
    this.#socket.write(Buffer.concat([head, payload]));
  }

  end(): void {
    this.#socket.end();
  }

  #read(): void {
    if (!this.#upgraded) {
      const end = this.#received.indexOf('\r\n\r\n');
      if (end < 0) return;
      this.#received = this.#received.subarray(end + 4);
      this.#upgraded = true;
    }
    for (let frame = this.#next(); frame; frame = this.#next()) {
      if (frame.kind === text) this.#texts.push(frame.payload.toString());
      if (frame.kind === close) this.end();
    }
    this.#look();
  }

  #next(): { readonly kind: number; readonly payload: Buffer } | undefined {
    const bytes = this.#received;
    const short = (bytes[1] ?? 0) & 0x7f;
    const head = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (bytes.length < head) return undefined;
    const size =
      short === 126
        ? bytes.readUInt16BE(2)
        : short === 127
          ? Number(bytes.readBigUInt64BE(2))
          : short;
    if (bytes.length < head + size) return undefined;
    this.#received = bytes.subarray(head + size);
    return { kind: (bytes[0] ?? 0) & 0x0f, payload: bytes.subarray(head, head + size) };
  }
}

/** A frame as nodes send it: a header of 19 bytes, then each message behind its length and wire id. */
export function frameOf(wireId: number, body: Uint8Array, claimedBytes = body.length): Buffer {
  const frame = Buffer.alloc(19 + 8);
  frame.writeUIntLE(1, 1, 6);
  frame.writeUInt32LE(claimedBytes, 19);
  frame.writeUInt32LE(wireId, 23);
  return Buffer.concat([frame, body]);
}
