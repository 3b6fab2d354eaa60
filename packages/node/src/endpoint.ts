import { isIPv4 } from 'node:net';

/** A host and a port of it. */
export interface Endpoint {
  /** An IPv6 host is without brackets. */
  readonly host: string;
  readonly port: number;
}

const form = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:@[\]/]+)):([0-9]{1,5})$/;

/** The endpoint that `host:port` names, an IPv6 host being in brackets; undefined if it names none. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const [, bracketed, plain, digits] = form.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

/** `host:port`, with an IPv6 host in brackets. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** True if only this machine reaches `host`. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

/** True if `host` stands for every address of this machine. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '0' || /^[0:]*:[0:]*$/.test(host);
}
