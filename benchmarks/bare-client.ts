import { type WebSocket } from 'ws';

import { Kind, type FrameReader } from './bare-frame';
import { Link } from './bare-link';
import { type StoreClient } from './store-subject';

type Answered = (value: Uint8Array | undefined) => void;

/** Sends each request to the replica that leads its key. */
export class BareClient implements StoreClient {
  readonly #links: readonly Link[];
  readonly #waiting: Answered[] = [];
  readonly #free: number[] = [];

  /** @param sockets - connected with the replicas, in their order */
  constructor(sockets: readonly WebSocket[]) {
    const receive = (_: Link, message: FrameReader): void => {
      this.#receive(message);
    };
    this.#links = sockets.map((socket) => new Link(socket, receive));
  }

  put(key: string, value: Buffer): Promise<void> {
    return new Promise((resolve) => {
      this.#send(Kind.put, () => resolve(), key, value);
    });
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      this.#send(Kind.get, resolve, key);
    });
  }

  #send(kind: Kind, answered: Answered, key: string, value?: Uint8Array): void {
    const id = this.#free.pop() ?? this.#waiting.length;
    this.#waiting[id] = answered;
    this.#links[hashOf(key) % this.#links.length]?.send(kind, id, 0, key, value);
  }

  #receive(message: FrameReader): void {
    const answered = this.#waiting[message.id];
    this.#free.push(message.id);
    answered?.(message.kind === Kind.found ? message.value : undefined);
  }
}

/** FNV-1a, of 32 bits. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < key.length; index += 1) {
    hash = Math.imul(hash ^ key.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
