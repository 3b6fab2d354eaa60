import { RuntimeError } from '@jbstore/core';
import { z } from 'zod';

/** Which process: drawn at its start, or given to it. No blank and no `@` in it. */
export const ProcessId = z
  .string()
  .regex(/^[^@\s]{1,128}$/, 'a process id has 1 to 128 characters, none of them a blank or @')
  .brand<'ProcessId'>();
export type ProcessId = z.infer<typeof ProcessId>;

const form = /^([^@\s]{1,128})?@(?:(\[[0-9a-fA-F:.]+\]|[^@\s:[\]]+):([0-9]{1,5}))?$/;

/**
 * A process and where it listens, in one string that can be compared with `===`:
 *
 * - `<id>@<host>:<port>`: this process, and no other that might listen there.
 * - `@<host>:<port>`: whoever answers there. For first contacts.
 * - `<id>@`: a process that listens nowhere, such as a client: reachable through the connection which
 *   it opened.
 *
 * IPv6 hosts stand in brackets.
 */
export const Address = z
  .string()
  .refine(
    (text) => partsOf(text) !== undefined,
    'an address is <id>@<host>:<port>, without the id or without host and port',
  )
  .brand<'Address'>();
export type Address = z.infer<typeof Address>;

/** The parts of an {@link Address}; `host` and `port` are there both or neither. */
export interface AddressParts {
  readonly id?: ProcessId | undefined;
  /** An IPv6 host is without its brackets here. */
  readonly host?: string | undefined;
  readonly port?: number | undefined;
}

/** A text, or parts, that make no {@link Address}. */
export class InvalidAddressError extends RuntimeError {
  override readonly code = 'ERR_INVALID_ADDRESS';

  constructor(readonly text: string) {
    super(
      `${JSON.stringify(text)} is no address: write <id>@<host>:<port>, ` +
        '@<host>:<port> for whoever answers there, or <id>@ for a process that listens nowhere',
    );
  }
}

/**
 * The address with these parts.
 * @throws {@link InvalidAddressError}
 */
export function address({ id, host, port }: AddressParts): Address {
  const bracketed = host?.includes(':') ? `[${host}]` : host;
  const text = `${id ?? ''}@${bracketed === undefined ? '' : `${bracketed}:${port ?? ''}`}`;
  const parsed = Address.safeParse(text);
  if (!parsed.success) throw new InvalidAddressError(text);
  return parsed.data;
}

/** @throws {@link InvalidAddressError} */
export function parseAddress(text: string): AddressParts {
  const parts = partsOf(text);
  if (!parts) throw new InvalidAddressError(text);
  return parts;
}

function partsOf(text: string): AddressParts | undefined {
  const [, id, host, port] = form.exec(text) ?? [];
  if (id === undefined && host === undefined) return undefined;
  if (Number(port ?? 0) > 65535) return undefined;
  return {
    id: id as ProcessId | undefined,
    host: host?.replace(/^\[|\]$/g, ''),
    port: port === undefined ? undefined : Number(port),
  };
}

/** The source of a message that no network has received. */
export const nobody = '@' as Address;
