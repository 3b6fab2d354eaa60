import { address, type Address, type ProcessId } from './address';
import { type Connection } from './connection';
import { type Contact } from './contact';
import { protocolVersion, type Greeting, type Hello, type Refuse, type Welcome } from './handshake';
import { Peer } from './peer';
import { type RefusalCode } from './port';
import { type Session } from './session';
import { type Site } from './site';

/** Where peers are found, and messages to the process itself are handed out. */
export interface Acquaintances {
  peer(id: ProcessId, known: Address): Peer;
  deliverKept(kept: Session): void;
}

const later = (): void => undefined;

interface Objection {
  readonly code: RefusalCode;
  readonly text: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * The handshakes. Who accepts a connection says who it is (Greeting). Who dialled then knows whether it
 * is whom it looks for, and says who itself is and which session it wants (Hello). Who accepted agrees
 * (Welcome), or not (Refuse). From then on there are frames.
 */
export class Introductions {
  readonly #site: Site;
  readonly #acquaintances: Acquaintances;
  /** Connections whose handshake is not done. */
  readonly #pending = new Set<Connection>();

  constructor(site: Site, acquaintances: Acquaintances) {
    this.#site = site;
    this.#acquaintances = acquaintances;
  }

  /** Somebody has dialled this process. */
  accept(connection: Connection): void {
    this.#pending.add(connection);
    connection.handler = {
      handshake: (_, said) => {
        if (said.kind === 'hello') this.#hello(connection, said);
        else connection.reject('handshake', `a ${said.kind} where a hello is expected`);
      },
      frame: () => {
        connection.reject('handshake', 'a frame before the handshake');
      },
      drained: later,
      closed: () => {
        this.#pending.delete(connection);
      },
    };
    connection.say({ kind: 'greeting', ...this.#introduction() });
  }

  /** This process has dialled somebody. */
  dialled(connection: Connection, target: Peer | Contact): void {
    this.#pending.add(connection);
    target.dialling = connection;
    let holder = target;
    connection.handler = {
      handshake: (_, said) => {
        if (said.kind === 'greeting') holder = this.#greeted(connection, said, holder);
        else if (said.kind === 'welcome') this.#welcomed(connection, said, holder);
        else if (said.kind === 'refuse') this.#refused(connection, said, holder);
        else connection.reject('handshake', 'a hello from where this process dialled');
      },
      frame: () => {
        connection.reject('handshake', 'a frame before the handshake');
      },
      drained: later,
      closed: () => {
        this.#pending.delete(connection);
        if (holder.dialling === connection) holder.dialAgain();
      },
    };
  }

  tick(now: number): void {
    for (const connection of this.#pending) {
      if (now - connection.openedAt <= this.#site.settings.handshakeMs) continue;
      this.#site.reject(connection.remote, 'handshake', 'no handshake in time');
      connection.cut('no handshake in time');
    }
  }

  close(): void {
    for (const connection of this.#pending) connection.leave();
  }

  #introduction(): Omit<Greeting, 'kind'> {
    const { settings, incarnation } = this.#site;
    const { clusterId, id } = settings;
    return { protocol: protocolVersion, clusterId, id, incarnation, address: this.#site.address };
  }

  /** What speaks against talking to a process that introduces itself so. */
  #objection(said: Greeting | Hello): Objection | undefined {
    const { clusterId } = this.#site.settings;
    if (said.protocol !== protocolVersion) {
      return {
        code: 'ERR_PROTOCOL_VERSION',
        text: `protocol version ${said.protocol}, where this process speaks version ${protocolVersion}`,
        expected: String(protocolVersion),
        found: String(said.protocol),
      };
    }
    if (said.clusterId === clusterId) return undefined;
    return {
      code: 'ERR_FOREIGN_CLUSTER',
      text: `a process of the cluster ${said.clusterId}, where this one is of ${clusterId}`,
      expected: clusterId,
      found: said.clusterId,
    };
  }

  #greeted(connection: Connection, greeting: Greeting, target: Peer | Contact): Peer | Contact {
    const objection = this.#objection(greeting) ?? this.#wrongProcess(greeting, target);
    if (objection) {
      const { code, text, expected, found } = objection;
      target.refused(code, text, expected, found);
      connection.close(1000, text.slice(0, 100));
      return target;
    }
    if (target instanceof Peer) {
      this.#sayHello(connection, target, greeting);
      return target;
    }
    if (greeting.id === this.#site.settings.id) {
      connection.close(1000, 'it is myself');
      this.#acquaintances.deliverKept(target.resolve('self'));
      return target;
    }
    const peer = this.#acquaintances.peer(greeting.id, greeting.address);
    // What was kept may lead to a dial: this connection will do, unless there is one already.
    const needed = !peer.connection && !peer.dialling;
    if (needed) {
      peer.stopDialling('another connection came first');
      peer.dialling = connection;
    } else connection.close(1000, 'connected already');
    peer.adopt(target.resolve(peer));
    if (needed) this.#sayHello(connection, peer, greeting);
    return needed ? peer : target;
  }

  #wrongProcess(greeting: Greeting, target: Peer | Contact): Objection | undefined {
    const { settings, incarnation } = this.#site;
    const expected = target instanceof Peer ? target.id : undefined;
    const twin = greeting.id === settings.id && greeting.incarnation !== incarnation;
    if (!twin && (expected === undefined || expected === greeting.id)) return undefined;
    return {
      code: 'ERR_WRONG_PROCESS',
      text: twin
        ? `another process with the id ${greeting.id}, which is ours`
        : `process ${greeting.id} answers where ${expected ?? ''} was expected`,
      expected: expected ?? 'another id',
      found: greeting.id,
    };
  }

  #sayHello(connection: Connection, peer: Peer, { incarnation, address: known }: Greeting): void {
    peer.locate(known);
    if (!peer.association.met(incarnation)) {
      connection.close(1000, 'a former incarnation');
      return;
    }
    this.#site.dials += 1;
    const proposal = peer.association.propose(this.#site.dials);
    connection.say({ kind: 'hello', ...this.#introduction(), expected: peer.id, ...proposal });
  }

  #welcomed(connection: Connection, agreement: Welcome, target: Peer | Contact): void {
    if (!(target instanceof Peer) || target.dialling !== connection) return;
    const agreed = target.association.agree(agreement);
    if (!agreed) {
      connection.close(1000, 'the session has ended meanwhile');
      return;
    }
    this.#pending.delete(connection);
    target.dialling = undefined;
    target.attach(connection, agreed.resumed);
  }

  #refused(connection: Connection, { code, text }: Refuse, target: Peer | Contact): void {
    if (code !== 'ERR_CROSSED' && code !== 'ERR_STALE') target.refused(code, text);
    connection.close(1000, 'refused');
  }

  #hello(connection: Connection, hello: Hello): void {
    const { settings } = this.#site;
    connection.remote = address({ id: hello.id });
    const objection = this.#objection(hello);
    if (objection) {
      this.#refuse(connection, objection.code, objection.text, true);
      return;
    }
    if (hello.expected !== settings.id || hello.id === settings.id) {
      const text = `process ${settings.id} answers where ${hello.expected} was expected`;
      this.#refuse(connection, 'ERR_WRONG_PROCESS', text, true);
      return;
    }
    const peer = this.#acquaintances.peer(hello.id, hello.address);
    const verdict = peer.association.met(hello.incarnation)
      ? peer.association.consider(hello, this.#site.dials)
      : ({ accepted: false, code: 'ERR_STALE' } as const);
    if (!verdict.accepted) {
      this.#refuse(connection, verdict.code, 'another connection comes first', false);
      return;
    }
    this.#pending.delete(connection);
    peer.locate(hello.address);
    const { incarnation } = this.#site;
    connection.say({ kind: 'welcome', incarnation, ...verdict.agreement });
    peer.attach(connection, verdict.resumed);
  }

  #refuse(connection: Connection, code: Refuse['code'], text: string, stranger: boolean): void {
    connection.say({ kind: 'refuse', code, text });
    if (stranger) connection.reject('stranger', text);
    else connection.close(1000, text);
  }
}
