import { type Servers } from './servers';

/** One store, as its client library shows it to programs. */
export interface StoreClient {
  put(key: string, value: Buffer): Promise<void>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** Stores several at once, to be quick before anything is measured; left out, `put` does it. */
  putAll?(entries: readonly (readonly [string, Buffer])[]): Promise<void>;
}

/** A store under measurement: its servers run, and a client is connected. */
export interface StoreSubject extends StoreClient {
  /** Its servers, but for one in this process. */
  readonly pids: readonly number[];
}

/**
 * Starts servers and connects a client.
 * @throws {@link CannotDo} if they are not to be had here
 */
export type StartStore = (servers: Servers) => Promise<StoreSubject>;
