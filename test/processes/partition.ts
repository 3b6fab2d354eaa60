import { connect, createServer, type Server, type Socket } from 'node:net';

/** What is carried between one process and a node. */
interface Passage {
  readonly sockets: readonly [Socket, Socket];
  /** The port of the node that has dialled, once it has said so; a client has none. */
  dialler: number | undefined;
  readonly listener: number;
}

/** How much of what a process says at first is looked at. */
const firstWordsBytes = 8 * 1024;

/**
 * A network of proxies on loopback, one before each node: the node listens at 127.0.0.1, and is known to all others
 * at another address of the same machine, where its proxy listens. So what two nodes say to one another can be held up,
 * while clients reach both.
 *
 * Who has dialled is read from the handshake, in which a node says where it can be reached itself.
 */
export class Partition implements AsyncDisposable {
  readonly #host = '127.0.1.1';
  readonly #servers = new Map<number, Server>();
  readonly #passages = new Set<Passage>();
  /** The ports of the nodes on one side; the others are on the other one. */
  #side: ReadonlySet<number> | undefined;

  /** Begins to carry for the node that is to listen at `port`; resolves with the host at which others reach it. */
  async carry(port: number): Promise<string> {
    if (this.#servers.has(port)) return this.#host;
    const server = createServer((socket) => {
      this.#open(socket, port);
    });
    this.#servers.set(port, server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, this.#host, resolve);
    });
    return this.#host;
  }

  /** From now on nothing passes between those nodes and the others. Nobody is told so. */
  cut(places: readonly string[]): void {
    this.#side = new Set(places.map((place) => Number(place.slice(place.indexOf(':') + 1))));
    for (const passage of this.#passages) this.#look(passage);
  }

  /** All can talk to all again; connections that stood still are broken, as they are in the end. */
  heal(): void {
    const held = [...this.#passages].filter((passage) => this.#isCut(passage));
    this.#side = undefined;
    for (const { sockets } of held) for (const socket of sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { sockets } of this.#passages) for (const socket of sockets) socket.destroy();
    const closed = [...this.#servers.values()].map(
      (server) => new Promise((resolve) => void server.close(resolve)),
    );
    await Promise.all(closed);
  }

  #open(incoming: Socket, listener: number): void {
    const outgoing = connect(listener, '127.0.0.1');
    const passage: Passage = { sockets: [incoming, outgoing], dialler: undefined, listener };
    this.#passages.add(passage);
    const end = (): void => {
      this.#passages.delete(passage);
      incoming.destroy();
      outgoing.destroy();
    };
    for (const socket of passage.sockets) socket.setNoDelay().on('error', end).on('close', end);
    let firstWords = '';
    const listen = (bytes: Buffer): void => {
      firstWords += bytes.toString('latin1');
      const found = /"address":"[^"@]*@[^":]+:(\d+)"/.exec(firstWords);
      if (found) passage.dialler = Number(found[1]);
      if (found || firstWords.length > firstWordsBytes) incoming.off('data', listen);
      if (found) this.#look(passage);
    };
    incoming.on('data', listen).pipe(outgoing);
    outgoing.pipe(incoming);
  }

  #look(passage: Passage): void {
    if (!this.#isCut(passage)) return;
    const [incoming, outgoing] = passage.sockets;
    incoming.unpipe(outgoing).pause();
    outgoing.unpipe(incoming).pause();
  }

  #isCut({ dialler, listener }: Passage): boolean {
    if (!this.#side || dialler === undefined) return false;
    return this.#side.has(dialler) !== this.#side.has(listener);
  }
}
