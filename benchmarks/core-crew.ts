import { completion, type CoreSubject, type Idle } from './core-subject';
import { CannotDo } from './harness';

/** A component of a peer, as the scenarios see it. */
export interface Member {
  /** To all that it is connected with. */
  send(event: number): void;
  accept(event: number): void;
  connect(other: Member): void;
}

type MakeMember<World> = (
  receive: (event: number) => void,
  enqueue: (task: () => void) => void,
  world: World,
) => Member;

interface Worlds<World> {
  readonly begin: () => World;
  readonly end: (world: World) => unknown;
}

/** Tasks, one after another: for peers whose handlers would otherwise run inside one another. */
class TaskQueue {
  #tasks: (() => void)[] = [];
  #running = false;

  readonly enqueue = (task: () => void): void => {
    this.#tasks.push(task);
    if (this.#running) return;
    this.#running = true;
    while (this.#tasks.length > 0) {
      const tasks = this.#tasks;
      this.#tasks = [];
      for (const next of tasks) next();
    }
    this.#running = false;
  };
}

const nowhere: Worlds<undefined> = { begin: () => undefined, end: () => undefined };

/** The scenarios, done by a peer that is given by how a member of it is made. */
export function crew(name: string, eventsPerRun: number, make: MakeMember<undefined>): CoreSubject {
  return new Crew(name, eventsPerRun, make, nowhere);
}

/** As {@link crew}, for a peer whose members live in a world that is to be begun and ended. */
export function crewIn<World>(
  name: string,
  eventsPerRun: number,
  make: MakeMember<World>,
  worlds: Worlds<World>,
): CoreSubject {
  return new Crew(name, eventsPerRun, make, worlds);
}

type Receive = (event: number) => void;

class Crew<World> implements CoreSubject {
  readonly #make: MakeMember<World>;
  readonly #worlds: Worlds<World>;

  constructor(
    readonly name: string,
    readonly eventsPerRun: number,
    make: MakeMember<World>,
    worlds: Worlds<World>,
  ) {
    this.#make = make;
    this.#worlds = worlds;
  }

  exchange(rounds: number, inFlight: number): Promise<number> {
    return this.#counting((join, count, finish) => {
      const first = Math.min(inFlight, rounds);
      let asked = first;
      let answered = 0;
      const ponger: Member = join((event) => {
        count();
        ponger.send(event);
      });
      const pinger: Member = join((event) => {
        count();
        answered += 1;
        if (answered === rounds) finish();
        if (asked === rounds) return;
        asked += 1;
        pinger.send(event);
      });
      pinger.connect(ponger);
      ponger.connect(pinger);
      return () => {
        for (let event = 0; event < first; event += 1) pinger.send(event);
      };
    });
  }

  fanOut(width: number, rounds: number): Promise<number> {
    return this.#counting((join, count, finish) => {
      const speaker: Member = join((event) => {
        speaker.send(event);
      });
      for (let index = 1; index <= width; index += 1) {
        const hearer: Member = join((event) => {
          count();
          if (index !== width) return;
          if (event === 1) finish();
          else hearer.send(event - 1);
        });
        speaker.connect(hearer);
        if (index === width) hearer.connect(speaker);
      }
      return () => {
        speaker.accept(rounds);
      };
    });
  }

  ring(size: number, events: number): Promise<number> {
    return this.#counting((join, count, finish) => {
      const passers: Member[] = Array.from({ length: size }, (_, index) =>
        join((event) => {
          if (count() === events) finish();
          else passers[index]?.send(event + 1);
        }),
      );
      passers.forEach((passer, index) => {
        const next = passers[(index + 1) % size];
        if (next) passer.connect(next);
      });
      return () => {
        passers[0]?.accept(0);
      };
    });
  }

  createIdle(components: number): Idle {
    const { enqueue } = new TaskQueue();
    const world = this.#worlds.begin();
    const members = Array.from({ length: components }, () =>
      this.#make(() => undefined, enqueue, world),
    );
    return {
      made: members.length,
      // It holds the members until then, so that they are there to be weighed.
      end: async () => {
        members.length = 0;
        await this.#worlds.end(world);
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
    const { enqueue } = new TaskQueue();
    const world = this.#worlds.begin();
    let events = 0;
    const begin = scenario(
      (receive) => this.#make(receive, enqueue, world),
      () => (events += 1),
      finish,
    );
    try {
      begin();
    } catch (error) {
      if (error instanceof RangeError) throw new CannotDo(`stack overflow: ${error.message}`);
      throw error;
    }
    await done;
    await this.#worlds.end(world);
    return events;
  }
}
