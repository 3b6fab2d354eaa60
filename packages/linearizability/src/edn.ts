import { MalformedHistoryError } from './errors';
import type { Value } from './operation';

/** A form of EDN, with the number of characters before it. Tags are read over, sets are lists. */
export type Edn = Atom | List | Table;

interface Atom {
  readonly kind: 'atom';
  readonly at: number;
  /** A keyword or symbol is the text that it is written with, `:ok`. */
  readonly value: Value;
}

interface List {
  readonly kind: 'list';
  readonly at: number;
  readonly items: readonly Edn[];
}

/** A map, by the text of its keys. */
export interface Table {
  readonly kind: 'table';
  readonly at: number;
  readonly fields: ReadonlyMap<string, Edn>;
}

const ends = { '[': ']', '(': ')', '{': '}' } as const;
const blank = /(?:[\s,]|;[^\n]*)*/y;
const string = /"((?:[^"\\]|\\(?:[tbnrf"\\]|u[0-9a-fA-F]{4}))*)"/y;
const word = /\\?[^\s,;"()[\]{}]+/y;
const whole = /^[-+]?\d+N?$/;
const decimal = /^[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?M?$/;

/** What a mistake of a text is called in its errors. */
export type Fail = (at: number, reason: string) => MalformedHistoryError;

/** Errors at a place of `text`, which is told as line and column. */
export function failIn(text: string): Fail {
  return (at, reason) => {
    const before = text.slice(0, at);
    const line = before.split('\n').length;
    return new MalformedHistoryError(line, at - before.lastIndexOf('\n'), reason);
  };
}

/**
 * All forms of `text`, as much of EDN as histories are written in.
 * @throws {@link MalformedHistoryError}
 */
export function readEdn(text: string, fail: Fail = failIn(text)): readonly Edn[] {
  return new Reader(text, fail).all();
}

class Reader {
  readonly #text: string;
  readonly #fail: Fail;
  #at = 0;

  constructor(text: string, fail: Fail) {
    this.#text = text;
    this.#fail = fail;
  }

  all(): readonly Edn[] {
    const forms = this.#formsUntil(undefined);
    if (this.#at < this.#text.length) throw this.#unexpected();
    return forms;
  }

  /** The forms before `end`, or before what is none. */
  #formsUntil(end: string | undefined): readonly Edn[] {
    const forms: Edn[] = [];
    for (;;) {
      this.#take(blank);
      const next = this.#text[this.#at];
      if (next === undefined || next === end || ')]}'.includes(next)) return forms;
      if (!this.#text.startsWith('#_', this.#at)) {
        forms.push(this.#form());
        continue;
      }
      this.#at += 2;
      this.#form();
    }
  }

  #form(): Edn {
    this.#take(blank);
    const at = this.#at;
    const first = this.#text[at];
    if (first === '[' || first === '(' || first === '{') return this.#collection(first, at);
    if (first === '"') return { kind: 'atom', at, value: this.#string() };
    const text = this.#take(word);
    if (text === undefined) {
      if (!this.#text.startsWith('#{', at)) throw this.#unexpected();
      this.#at += 1;
      return { kind: 'list', at, items: this.#items('}') };
    }
    if (text === '#' && this.#text[this.#at] === '{') {
      return { kind: 'list', at, items: this.#items('}') };
    }
    return text.startsWith('#') ? this.#form() : { kind: 'atom', at, value: valueOf(text) };
  }

  #collection(first: keyof typeof ends, at: number): Edn {
    const items = this.#items(ends[first]);
    if (first !== '{') return { kind: 'list', at, items };
    if (items.length % 2 === 1) throw this.#fail(at, 'a key of this map has no value');
    const fields = new Map<string, Edn>();
    for (let index = 0; index < items.length; index += 2) {
      const [key, value] = items.slice(index, index + 2);
      if (key?.kind !== 'atom' || !value) throw this.#fail(at, 'a key of this map is no word');
      fields.set(String(key.value), value);
    }
    return { kind: 'table', at, fields };
  }

  #items(end: string): readonly Edn[] {
    const at = this.#at;
    this.#at += 1;
    const items = this.#formsUntil(end);
    if (this.#at >= this.#text.length) throw this.#fail(at, `this is never closed by ${end}`);
    if (this.#text[this.#at] !== end) throw this.#unexpected();
    this.#at += 1;
    return items;
  }

  #string(): string {
    const at = this.#at;
    const text = this.#take(string);
    if (text === undefined) throw this.#fail(at, 'this is no string that ends');
    // What EDN escapes JSON escapes alike; only line ends and tabs may stand in EDN as they are.
    return String(JSON.parse(text.replace(/[\u0000-\u001f]/g, escaped)));
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    this.#at += found?.length ?? 0;
    return found;
  }

  #unexpected(): MalformedHistoryError {
    const found = this.#text[this.#at];
    const what = found === undefined ? 'the end of the file' : JSON.stringify(found);
    return this.#fail(this.#at, `this is no EDN: ${what} is unexpected`);
  }
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function valueOf(text: string): Value {
  if (text === 'nil') return null;
  if (text === 'true' || text === 'false') return text === 'true';
  if (whole.test(text) || decimal.test(text)) return Number(text.replace(/[NM]$/, ''));
  return text;
}
