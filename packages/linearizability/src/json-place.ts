/** Where things stand in a text, each as the number of characters before it. */
export interface Places {
  /** Of the values of the fields of the outermost object. */
  readonly fields: ReadonlyMap<string, number>;
  /** Of the first character that no JSON has there; undefined if the text is JSON. */
  readonly error?: number;
}

/** Finds the places in a text, which `JSON.parse` does not tell. Slow: it is for texts with a mistake. */
export function placesIn(text: string): Places {
  const scanner = new Scanner(text);
  try {
    scanner.skipAll();
    return { fields: scanner.fields };
  } catch (error) {
    if (error instanceof Misplaced) return { fields: scanner.fields, error: error.at };
    throw error;
  }
}

/** Ends the scan. */
class Misplaced extends Error {
  constructor(readonly at: number) {
    super();
  }
}

const space = /[ \t\r\n]*/y;
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const scalar = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![\w.+-])/y;

class Scanner {
  readonly fields = new Map<string, number>();
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  skipAll(): void {
    this.#skipValue(0);
    if (this.#at < this.#text.length) throw new Misplaced(this.#at);
  }

  #skipValue(depth: number): void {
    this.#take(space);
    if (this.#takes('{')) this.#skipMembers('}', () => this.#skipField(depth));
    else if (this.#takes('[')) this.#skipMembers(']', () => this.#skipValue(depth + 1));
    else if (this.#take(string) === undefined && this.#take(scalar) === undefined) {
      throw new Misplaced(this.#at);
    }
    this.#take(space);
  }

  #skipMembers(end: string, skipMember: () => void): void {
    this.#take(space);
    if (this.#takes(end)) return;
    do skipMember();
    while (this.#takes(','));
    if (!this.#takes(end)) throw new Misplaced(this.#at);
  }

  #skipField(depth: number): void {
    this.#take(space);
    const name = this.#take(string);
    if (name === undefined) throw new Misplaced(this.#at);
    this.#take(space);
    if (!this.#takes(':')) throw new Misplaced(this.#at);
    this.#take(space);
    if (depth === 0) this.fields.set(name.slice(1, -1), this.#at);
    this.#skipValue(depth + 1);
  }

  #takes(character: string): boolean {
    const found = this.#text[this.#at] === character;
    if (found) this.#at += 1;
    return found;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    this.#at += found?.length ?? 0;
    return found;
  }
}
