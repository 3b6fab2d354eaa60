import { completion, roundsPerLook, type CoreSubject, type Idle, type Tap } from './core-subject';
import { Turns, type Message, type Receive } from './core-turns';
import { CannotDo, verify } from './harness';

/** A component of a peer, as the scenarios see it. */
export interface Member {
  /** To all that it is connected with. */
  send(message: Message): void;
  accept(message: Message): void;
  connect(other: Member): void;
  /** Shows what is sent, or what arrives, to `observer`; absent if the peer has nothing like it. */
  tap?(where: Tap, observer: Receive): void;
}

/** How a peer is used. `World` is what its members live in. */
export interface Ways<World> {
  begin(): World | Promise<World>;
  /** @param turns - for a peer whose handlers would otherwise run inside one another */
  make(receive: Receive, turns: Turns, world: World): Member;
  /** Resolves when all that was made can be used. */
  ready?(world: World): Promise<unknown>;
  end?(world: World): unknown;
}

function told(count: number): Message {
  return { type: 'told', count };
}

/** The scenarios, done by a peer that is given by how it is used. */
export class Crew<World> implements CoreSubject {
  readonly #ways: Ways<World>;

  constructor(ways: Ways<World>) {
    this.#ways = ways;
  }

  async exchange(rounds: number, inFlight: number, tap?: Tap): Promise<number> {
    let seen = 0;
    const handled = await this.#counting((join, count, finish) => {
      const first = Math.min(inFlight, rounds);
      let asked = first;
      let answered = 0;
      const ponger: Member = join((message) => {
        count();
        ponger.send(told(message.count));
      });
      const pinger: Member = join((message) => {
        count();
        answered += 1;
        if (answered === rounds) finish();
        if (asked === rounds) return;
        asked += 1;
        pinger.send(told(message.count));
      });
      pinger.connect(ponger);
      ponger.connect(pinger);
      if (tap) {
        const observer = (): void => void (seen += 1);
        observe(pinger, tap, observer);
        observe(ponger, tap, observer);
      }
      return () => {
        for (let index = 0; index < first; index += 1) pinger.send(told(index));
      };
    });
    if (tap) verify('events observed', seen, handled);
    return handled;
  }

  fanOut(width: number, rounds: number): Promise<number> {
    return this.#counting((join, count, finish) => {
      const speaker: Member = join((message) => {
        speaker.send(told(message.count));
      });
      for (let index = 1; index <= width; index += 1) {
        const hearer: Member = join((message) => {
          count();
          if (index !== width) return;
          if (message.count === 1) finish();
          else hearer.send(told(message.count - 1));
        });
        speaker.connect(hearer);
        if (index === width) hearer.connect(speaker);
      }
      return () => {
        speaker.accept(told(rounds));
      };
    });
  }

  ring(size: number, events: number): Promise<number> {
    return this.#counting((join, count, finish) => {
      const passers: Member[] = Array.from({ length: size }, (_, index) =>
        join((message) => {
          if (count() === events) finish();
          else passers[index]?.send(told(message.count + 1));
        }),
      );
      passers.forEach((passer, index) => {
        const next = passers[(index + 1) % size];
        if (next) passer.connect(next);
      });
      return () => {
        passers[0]?.accept(told(0));
      };
    });
  }

  saturate(isOver: () => boolean): Promise<number> {
    return this.#counting((join, count, finish) => {
      let answered = 0;
      const ponger: Member = join((message) => {
        count();
        ponger.send(told(message.count));
      });
      const pinger: Member = join((message) => {
        count();
        answered += 1;
        if (answered % roundsPerLook === 0 && isOver()) finish();
        else pinger.send(told(message.count));
      });
      pinger.connect(ponger);
      ponger.connect(pinger);
      return () => {
        pinger.send(told(0));
      };
    });
  }

  async createIdle(components: number): Promise<Idle> {
    const turns = new Turns();
    const world = await this.#ways.begin();
    const members = Array.from({ length: components }, () =>
      this.#ways.make(() => undefined, turns, world),
    );
    await this.#ways.ready?.(world);
    return {
      made: members.length,
      // It holds the members until then, so that they are there to be weighed.
      end: async () => {
        members.length = 0;
        await this.#ways.end?.(world);
      },
    };
  }

  async #counting(
    scenario: (
      join: (receive: Receive) => Member,
      count: () => number,
      finish: () => void,
    ) => () => void,
  ): Promise<number> {
    const { done, finish } = completion();
    const turns = new Turns();
    const world = await this.#ways.begin();
    let events = 0;
    const begin = scenario(
      (receive) => this.#ways.make(receive, turns, world),
      () => (events += 1),
      finish,
    );
    await this.#ways.ready?.(world);
    try {
      begin();
    } catch (error) {
      if (error instanceof RangeError) throw new CannotDo(`stack overflow: ${error.message}`);
      throw error;
    }
    await done;
    await this.#ways.end?.(world);
    return events;
  }
}

function observe(member: Member, where: Tap, observer: Receive): void {
  if (!member.tap) throw new CannotDo('nobody can watch its messages pass');
  member.tap(where, observer);
}
