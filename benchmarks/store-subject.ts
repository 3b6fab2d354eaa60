import { type StoreClient } from './closed-loop';

/** A store under measurement: its servers run, and a client is connected. */
export interface StoreSubject extends StoreClient {
  /** What is particular to it. */
  readonly parameters: Readonly<Record<string, number | string>>;
  /** Its servers. */
  readonly pids: readonly number[];
  /** Ends the client; the servers are ended by whoever holds them. */
  close(): Promise<void>;
}
