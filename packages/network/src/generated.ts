import { compileFunction } from 'node:vm';

import { type Field } from './field';
import { inside } from './misfit';
import { type Reader } from './reader';
import { type Writer } from './writer';

// Loops over the names of fields cost six times what the straight-line code below does (a message of
// four fields: 23 ns to make against 180): every access in it has one object shape of its own to learn.
// Names go into the code as JSON only, which is a JavaScript literal whatever they contain.

type Fields = readonly Field[];

/**
 * A class that extends `base`: its constructor takes a destination, an object whose named properties become those of the
 * instance, and options. `origin` finds the source in the options.
 */
export function messageClassOf<Base>(
  names: readonly string[],
  base: Base,
  origin: (options: object | undefined) => unknown,
): Base {
  const lines = names.map((name) => `this[${quoted(name)}] = fields[${quoted(name)}];`);
  const code = `return class extends Base {
      constructor(destination, fields, options) {
        super();
        this.destination = destination;
        this.source = origin(options);
        this.lane = options?.lane ?? 'normal';
        ${lines.join('\n')}
      }
    };`;
  const factory = compileFunction(code, ['Base', 'origin']) as (...constants: unknown[]) => Base;
  return factory(base, origin);
}

/** What came over the wire, made of its values, in the order of their names. */
export type ReceivedClass = new (
  destination: unknown,
  source: unknown,
  lane: unknown,
  ...values: unknown[]
) => object;

/** Makes what `messageClassOf` makes, which has this `prototype`, without an object that would only carry the fields. */
export function receivedClassOf(names: readonly string[], prototype: object): ReceivedClass {
  const lines = names.map((name, index) => `this[${quoted(name)}] = v${index};`);
  const code = `function Received(${['d', 's', 'l', ...valuesOf(names)].join(', ')}) {
      this.destination = d;
      this.source = s;
      this.lane = l;
      ${lines.join('\n')}
    }
    return Received;`;
  const Received = (compileFunction(code) as () => ReceivedClass)();
  Received.prototype = prototype;
  return Received;
}

/** Writes the named properties of an object, one after the other, each by its field. */
export function objectWriterOf(
  names: readonly string[],
  fields: Fields,
): (writer: Writer, value: object) => void {
  const lines = names.map((name, index) => `i = ${index}; f${index}.write(w, o[${quoted(name)}]);`);
  return generate('w, o', names, fields, lines.join('\n')) as (w: Writer, value: object) => void;
}

/** Reads what {@link objectWriterOf} writes. */
export function objectReaderOf(
  names: readonly string[],
  fields: Fields,
): (reader: Reader) => object {
  const members = names.map((name, index) => `[${quoted(name)}]: v${index}`);
  const body = `${reading(fields)}\nreturn { ${members.join(', ')} };`;
  return generate('r', names, fields, body) as (reader: Reader) => object;
}

/** Reads the same, as a message of the class that is handed in. */
export function messageReaderOf(
  names: readonly string[],
  fields: Fields,
): (reader: Reader, Received: ReceivedClass, ...origin: unknown[]) => object {
  const body = `${reading(fields)}
    return new Received(${['d', 's', 'l', ...valuesOf(names)].join(', ')});`;
  return generate('r, Received, d, s, l', names, fields, body) as ReturnType<
    typeof messageReaderOf
  >;
}

/** Copies an object so deeply that nothing in the copy can be changed through the original. */
export function objectCopierOf(
  names: readonly string[],
  fields: Fields,
): (value: object) => object {
  const members = names.map(
    (name, index) => `[${quoted(name)}]: f${index}.copy(o[${quoted(name)}])`,
  );
  return generate('o', names, fields, `return { ${members.join(', ')} };`) as (o: object) => object;
}

/** Reads the values of all fields, `v0`, `v1` … */
function reading(fields: Fields): string {
  return fields.map((_, index) => `i = ${index}; const v${index} = f${index}.read(r);`).join('\n');
}

function valuesOf(names: readonly string[]): readonly string[] {
  return names.map((_, index) => `v${index}`);
}

/** A function of `parameters` with this body, in which `f0`, `f1` … are the fields. */
function generate(
  parameters: string,
  names: readonly string[],
  fields: Fields,
  body: string,
): unknown {
  const constants = fields.map((_, index) => `const f${index} = fields[${index}];`);
  const code = `${constants.join('\n')}
    return function (${parameters}) {
      let i = 0;
      try {
        ${body}
      } catch (cause) {
        throw inside(names[i], cause);
      }
    };`;
  const factory = compileFunction(code, ['fields', 'names', 'inside']) as (
    ...constant: unknown[]
  ) => unknown;
  return factory(fields, names, inside);
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
