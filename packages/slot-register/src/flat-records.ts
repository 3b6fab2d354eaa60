import { Accepted } from './accepted';
import { Arena, unitBytes } from './arena';
import {
  apartValue,
  ballotUnit,
  countUnit,
  epochFrom,
  epochWord,
  floorWord,
  headUnits,
  lengthMask,
  nameWord,
  nameWordOf,
  noValue,
  resultsWord,
  roomFor,
  unitsWord,
  valueWord,
  versionUnit,
} from './flat-layout';
import { hashOf } from './name-hash';
import { noBallot, type Ballot, type Tag } from './tag';

const fewestPlaces = 8;
/** What a table begins with, for all of them: most slots of a small cluster stay empty. */
const noUnits = new Arena(0);
const noPlaces = new Int32Array(1);

/** Which register was looked for last in which table, and where it is: mostly it is looked for again. */
const latest = { table: undefined as FlatRecords | undefined, name: '', index: 0 };

/**
 * The records of one slot by register, as what was accepted there: all of them in one run of bytes, with an index
 * over it (open addressing, linear probing). A record takes no object, so the engine neither marks nor moves what is
 * stored; a table is small, so none of its steps takes long, however many registers a process has.
 *
 * Nothing is ever removed. A record that grows leaves its place, which is won back when the table is full.
 */
export class FlatRecords {
  #arena = noUnits;
  /** By hash: where an entry begins, in units, counted from 1; 0 if nothing is there. */
  #places = noPlaces;
  #size = 0;
  /** In units: where the next entry goes, and how much before it is dead. */
  #end = 0;
  #dead = 0;
  /** Long values, which are not moved. */
  readonly #apart = new Map<string, Uint8Array>();
  #values = 0;
  #valueBytes = 0;

  /** How many registers have a record, be it one without a value. */
  get size(): number {
    return this.#size;
  }

  /** How many registers have a value. */
  get values(): number {
    return this.#values;
  }

  /** The bytes of their names and values. */
  get bytes(): number {
    return this.#valueBytes;
  }

  has(register: string): boolean {
    return this.#placed(register) !== 0;
  }

  /** The ballot of what is held of `register`; {@link noBallot} if nothing is. */
  ballotOf(register: string): Ballot {
    const place = this.#placed(register);
    return place === 0 ? noBallot : this.#arena.double(place - 1 + ballotUnit);
  }

  tagOf(register: string): Tag | undefined {
    const place = this.#placed(register);
    return place === 0 ? undefined : this.#tagAt(place - 1);
  }

  get(register: string): Accepted | undefined {
    const place = this.#placed(register);
    return place === 0 ? undefined : this.#acceptedAt(place - 1, register);
  }

  set(register: string, accepted: Accepted): void {
    const { value, results } = accepted.record;
    const isApart = value !== undefined && typeof value !== 'string';
    const text = typeof value === 'string' ? value : '';
    const needed = headUnits * unitBytes + register.length + results.length + text.length;
    const at = this.#roomFor(register, Math.ceil(needed / unitBytes));
    this.#forgetValueAt(at, register);
    this.#writeNumbers(at, accepted);
    const { words } = this.#arena;
    words[2 * at + resultsWord] = results.length;
    words[2 * at + valueWord] = isApart ? apartValue : value === undefined ? noValue : text.length;
    const behind = unitBytes * (at + headUnits) + register.length;
    this.#arena.write(results, behind);
    this.#arena.write(text, behind + results.length);
    if (isApart) this.#apart.set(register, value);
    if (value === undefined) return;
    this.#values += 1;
    this.#valueBytes += register.length + value.length;
  }

  /** A copy of what is held now. */
  copy(): FlatRecords {
    const copy = new FlatRecords();
    copy.#arena = new Arena(this.#end, this.#arena.bytes);
    copy.#places = this.#places.slice();
    copy.#size = this.#size;
    copy.#end = this.#end;
    copy.#dead = this.#dead;
    copy.#values = this.#values;
    copy.#valueBytes = this.#valueBytes;
    for (const [register, value] of this.#apart) copy.#apart.set(register, value);
    return copy;
  }

  /** Nothing may be set meanwhile. */
  *[Symbol.iterator](): Generator<[string, Accepted]> {
    for (const place of this.#places) {
      if (place === 0) continue;
      const register = this.#nameAt(place - 1);
      yield [register, this.#acceptedAt(place - 1, register)];
    }
  }

  /** The names of all registers. Nothing may be set meanwhile. */
  *keys(): Generator<string> {
    for (const place of this.#places) if (place !== 0) yield this.#nameAt(place - 1);
  }

  /** The names of those with a value. Nothing may be set meanwhile. */
  *keysOfValues(): Generator<string> {
    for (const place of this.#places) {
      const isValue = place !== 0 && this.#arena.word(2 * (place - 1) + valueWord) !== noValue;
      if (isValue) yield this.#nameAt(place - 1);
    }
  }

  /** The results, packed, of those without a value. Nothing may be set meanwhile. */
  *resultsOfTombstones(): Generator<string> {
    for (const place of this.#places) {
      if (place === 0 || this.#arena.word(2 * (place - 1) + valueWord) !== noValue) continue;
      const from = unitBytes * (place - 1 + headUnits) + this.#nameLengthAt(place - 1);
      yield this.#arena.text(from, this.#arena.word(2 * (place - 1) + resultsWord));
    }
  }

  #writeNumbers(at: number, { ballot, count, epoch, record }: Accepted): void {
    const { doubles, words } = this.#arena;
    doubles[at + ballotUnit] = ballot;
    doubles[at + countUnit] = count;
    doubles[at + versionUnit] = record.version;
    words[2 * at + epochWord] = epoch ?? 0;
    words[2 * at + nameWord] = nameWordOf(this.#nameLengthAt(at), epoch ?? 0);
    words[2 * at + floorWord] = record.generationFloor;
  }

  #tagAt(at: number): Tag {
    const { words } = this.#arena;
    const epoch = epochFrom(words[2 * at + nameWord] ?? 0, words[2 * at + epochWord] ?? 0);
    return {
      ballot: this.#arena.double(at + ballotUnit),
      count: this.#arena.double(at + countUnit),
      epoch: epoch === 0 ? undefined : epoch,
    };
  }

  #acceptedAt(at: number, register: string): Accepted {
    const { ballot, count, epoch } = this.#tagAt(at);
    const resultsLength = this.#arena.word(2 * at + resultsWord);
    const length = this.#arena.word(2 * at + valueWord);
    const inlineLength = length < apartValue ? length : 0;
    // One text of both: to cut it costs less than to ask for two.
    const from = unitBytes * (at + headUnits) + register.length;
    const text = this.#arena.text(from, resultsLength + inlineLength);
    const inline = length === noValue ? undefined : text.slice(resultsLength);
    const record = {
      value: length === apartValue ? this.#apart.get(register) : inline,
      version: this.#arena.double(at + versionUnit),
      results: text.slice(0, resultsLength),
      generationFloor: this.#arena.word(2 * at + floorWord),
    };
    return new Accepted(ballot, count, record, epoch);
  }

  #nameAt(at: number): string {
    return this.#arena.text(unitBytes * (at + headUnits), this.#nameLengthAt(at));
  }

  #nameLengthAt(at: number): number {
    return this.#arena.word(2 * at + nameWord) & lengthMask;
  }

  /** What is written over, or elsewhere, does not count any more. */
  #forgetValueAt(at: number, register: string): void {
    const length = this.#arena.word(2 * at + valueWord);
    if (length === noValue) return;
    const apart = length === apartValue ? (this.#apart.get(register)?.length ?? 0) : length;
    if (length === apartValue) this.#apart.delete(register);
    this.#values -= 1;
    this.#valueBytes -= register.length + apart;
  }

  /**
   * Where the entry of `register` begins, which may take so many units: where it was, or somewhere else, if it does not
   * fit there. Its value is still that which it had.
   */
  #roomFor(register: string, units: number): number {
    const before = this.#placed(register);
    if (before !== 0 && units <= this.#unitsAt(before - 1)) return before - 1;
    if (this.#end + units > this.#arena.units) this.#makeRoom(units);
    if (4 * (this.#size + 1) > 3 * this.#places.length) {
      this.#spread(Math.max(fewestPlaces, 2 * this.#places.length));
    }
    const at = this.#end;
    this.#end += units;
    const { words } = this.#arena;
    words[2 * at + unitsWord] = units;
    words[2 * at + nameWord] = register.length;
    this.#arena.write(register, unitBytes * (at + headUnits));
    words[2 * at + valueWord] = noValue;

    const index = this.#indexOf(register);
    const former = this.#places[index] ?? 0;
    this.#places[index] = at + 1;
    if (former === 0) this.#size += 1;
    else {
      this.#dead += this.#unitsAt(former - 1);
      words[2 * at + valueWord] = this.#arena.word(2 * (former - 1) + valueWord);
    }
    return at;
  }

  #unitsAt(at: number): number {
    return this.#arena.word(2 * at + unitsWord);
  }

  /** Moves all that is alive to where there is room for so many units more. */
  #makeRoom(units: number): void {
    const room = roomFor(this.#end - this.#dead + units);
    const from = this.#arena;
    if (this.#dead === 0) {
      this.#arena = new Arena(room, from.bytes);
      return;
    }
    const to = new Arena(room);
    let end = 0;
    for (let index = 0; index < this.#places.length; index += 1) {
      const place = this.#places[index] ?? 0;
      if (place === 0) continue;
      const size = this.#unitsAt(place - 1);
      const first = unitBytes * (place - 1);
      from.bytes.copy(to.bytes, unitBytes * end, first, first + unitBytes * size);
      this.#places[index] = end + 1;
      end += size;
    }
    this.#arena = to;
    this.#end = end;
    this.#dead = 0;
  }

  /** From now on the index has so many places. */
  #spread(places: number): void {
    const before = this.#places;
    latest.table = undefined;
    this.#places = new Int32Array(places);
    for (const place of before) {
      if (place !== 0) this.#places[this.#indexOf(this.#nameAt(place - 1))] = place;
    }
  }

  #placed(register: string): number {
    if (latest.table !== this || latest.name !== register) {
      latest.index = this.#indexOf(register);
      latest.name = register;
      latest.table = this;
    }
    return this.#places[latest.index] ?? 0;
  }

  /** Where in the index `register` is, or would have to be. */
  #indexOf(register: string): number {
    const mask = this.#places.length - 1;
    let index = hashOf(register) & mask;
    for (;;) {
      const place = this.#places[index] ?? 0;
      if (place === 0 || this.#isNamed(place - 1, register)) return index;
      index = (index + 1) & mask;
    }
  }

  #isNamed(at: number, register: string): boolean {
    const isAsLong = this.#nameLengthAt(at) === register.length;
    return isAsLong && this.#arena.holds(register, unitBytes * (at + headUnits));
  }
}
