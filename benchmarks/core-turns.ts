/** What members of a peer send one another. Each is made anew by who sends it, as our events are. */
export interface Message {
  readonly type: 'told';
  readonly count: number;
}

export type Receive = (message: Message) => void;

/**
 * Who is to receive what, one after another: what makes handlers atomic where a peer does not. It is
 * a ring that allocates nothing per message, so that a peer is not slowed by what it was lent.
 */
export class Turns {
  #receivers: (Receive | undefined)[] = new Array<undefined>(1_024).fill(undefined);
  #messages: (Message | undefined)[] = new Array<undefined>(1_024).fill(undefined);
  #first = 0;
  #waiting = 0;
  #running = false;

  /** Runs `receive` with `message`, at once or after those that wait. */
  take(receive: Receive, message: Message): void {
    if (this.#waiting === this.#receivers.length) this.#grow();
    const last = (this.#first + this.#waiting) & (this.#receivers.length - 1);
    this.#receivers[last] = receive;
    this.#messages[last] = message;
    this.#waiting += 1;
    if (!this.#running) this.#run();
  }

  #run(): void {
    this.#running = true;
    while (this.#waiting > 0) {
      const receive = this.#receivers[this.#first];
      const message = this.#messages[this.#first];
      this.#first = (this.#first + 1) & (this.#receivers.length - 1);
      this.#waiting -= 1;
      if (receive && message) receive(message);
    }
    this.#running = false;
  }

  #grow(): void {
    const turned = <T>(ring: readonly T[]): (T | undefined)[] => [
      ...ring.slice(this.#first),
      ...ring.slice(0, this.#first),
      ...new Array<undefined>(ring.length).fill(undefined),
    ];
    this.#receivers = turned(this.#receivers);
    this.#messages = turned(this.#messages);
    this.#first = 0;
  }
}
