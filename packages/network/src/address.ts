import { RuntimeError } from '@jbstore/core';
import { z } from 'zod';

/** Which process: drawn at its start, or given to it. No blank and no `@` in it. */
export const ProcessId = z
  .string()
  .regex(/^[^@\s]{1,128}$/, 'a process id has 1 to 128 characters, none of them a blank or @')
  .brand<'ProcessId'>();
export type ProcessId = z.infer<typeof ProcessId>;

/** Which of the virtual nodes within a process. No blank and none of `@`, `:` and `#` in it. */
export const Unit = z
  .string()
  .regex(/^[^@\s:#]{1,128}$/, 'a unit has 1 to 128 characters, none of them a blank, @, : or #')
  .brand<'Unit'>();
export type Unit = z.infer<typeof Unit>;

const form =
  /^([^@\s]{1,128})?@(?:(\[[0-9a-fA-F:.]+\]|[^@\s:[\]]+):([0-9]{1,5}))?(?:#([^@\s:#]{1,128}))?$/;

/**
 * A process and where it listens, in one string that can be compared with `===`:
 *
 * - `<id>@<host>:<port>`: this process, and no other that might listen there.
 * - `@<host>:<port>`: whoever answers there. For first contacts.
 * - `<id>@`: a process that listens nowhere, such as a client: reachable through the connection which
 *   it opened.
 *
 * IPv6 hosts stand in brackets. Behind any of them `#<unit>` names one of the virtual nodes within the
 * process; links and sessions are those of the process.
 */
export const Address = z
  .string()
  .refine(
    (text) => partsOf(text) !== undefined,
    'an address is <id>@<host>:<port>, without the id or without host and port, and perhaps a #<unit>',
  )
  .brand<'Address'>();
export type Address = z.infer<typeof Address>;

/** The parts of an {@link Address}; `host` and `port` are there both or neither. */
export interface AddressParts {
  readonly id?: ProcessId | undefined;
  /** An IPv6 host is without its brackets here. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly unit?: Unit | undefined;
}

/** A text, or parts, that make no {@link Address}. */
export class InvalidAddressError extends RuntimeError {
  override readonly code = 'ERR_INVALID_ADDRESS';

  constructor(readonly text: string) {
    super(
      `${JSON.stringify(text)} is no address: write <id>@<host>:<port>, ` +
        '@<host>:<port> for whoever answers there, or <id>@ for a process that listens nowhere; ' +
        'a unit within it follows as #<unit>',
    );
  }
}

/**
 * The address with these parts.
 * @throws {@link InvalidAddressError}
 */
export function address({ id, host, port, unit }: AddressParts): Address {
  const bracketed = host?.includes(':') ? `[${host}]` : host;
  const place = bracketed === undefined ? '' : `${bracketed}:${port ?? ''}`;
  const text = `${id ?? ''}@${place}${unit === undefined ? '' : `#${unit}`}`;
  const { success, data } = Address.safeParse(text);
  if (!success) throw new InvalidAddressError(text);
  return interned(data);
}

/**
 * The same text, as the engine keeps what names properties: once. It tells two of these apart without a look at their
 * characters.
 */
export function interned(at: Address): Address {
  const [own = at] = Object.keys({ [at]: at });
  return own as Address;
}

/** @throws {@link InvalidAddressError} */
export function parseAddress(text: string): AddressParts {
  const parts = partsOf(text);
  if (!parts) throw new InvalidAddressError(text);
  return parts;
}

/** A process meets the same addresses again and again. */
const known = new Map<string, AddressParts>();
const mostKnown = 4_096;

function partsOf(text: string): AddressParts | undefined {
  let parts = known.get(text);
  if (parts) return parts;
  parts = parsed(text);
  if (!parts) return undefined;
  if (known.size >= mostKnown) known.clear();
  known.set(text, Object.freeze(parts));
  return parts;
}

function parsed(text: string): AddressParts | undefined {
  const [, id, host, port, unit] = form.exec(text) ?? [];
  if (id === undefined && host === undefined) return undefined;
  if (Number(port ?? 0) > 65535) return undefined;
  return {
    id: id as ProcessId | undefined,
    host: host?.replace(/^\[|\]$/g, ''),
    port: port === undefined ? undefined : Number(port),
    unit: unit as Unit | undefined,
  };
}

/** The unit that `at` names; undefined if it is that of a process. */
export function unitOf(at: Address): Unit | undefined {
  const mark = markOf(at);
  return mark < 0 ? undefined : (at.slice(mark + 1) as Unit);
}

/** The process in which `at` is. */
export function processOf(at: Address): Address {
  const mark = markOf(at);
  return mark < 0 ? at : (at.slice(0, mark) as Address);
}

/** The address of `unit` in the process at `process`; of the process itself, if it is undefined. */
export function unitAt(process: Address, unit: Unit | undefined): Address {
  const whole = processOf(process);
  return unit === undefined ? whole : (`${whole}#${unit}` as Address);
}

/** Where the unit begins, in an id or a host there may be a `#` too; -1 if there is none. */
function markOf(at: Address): number {
  const mark = at.lastIndexOf('#');
  return mark < 0 || at.includes('@', mark) || at.includes(':', mark) ? -1 : mark;
}

/** The source of a message that no network has received. */
export const nobody = '@' as Address;
