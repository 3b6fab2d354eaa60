import { compileFunction } from 'node:vm';

import { type Field } from './field';
import { inside } from './misfit';
import { type Reader } from './reader';
import { type Writer } from './writer';

// Loops over the names of fields cost six times what the straight-line code below does (a message of
// four fields: 23 ns to make against 180): every access in it has one object shape of its own to learn.
// Names go into the code as JSON only, which is a JavaScript literal whatever they contain.

type Fields = readonly Field[];

/** Copies the named properties of its second argument to its first. */
export function assignerOf(names: readonly string[]): (target: object, source: object) => void {
  const lines = names.map((name) => `t[${quoted(name)}] = s[${quoted(name)}];`);
  return compileFunction(lines.join('\n'), ['t', 's']) as (target: object, source: object) => void;
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
  const lines = names.map((_, index) => `i = ${index}; const v${index} = f${index}.read(r);`);
  const members = names.map((name, index) => `[${quoted(name)}]: v${index}`);
  const body = `${lines.join('\n')}\nreturn { ${members.join(', ')} };`;
  return generate('r', names, fields, body) as (reader: Reader) => object;
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
