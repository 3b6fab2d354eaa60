import type { Readable, Writable } from 'node:stream';

/** A stream to write to, which may be a terminal. */
export type Output = Writable & { readonly isTTY?: boolean };

/** What a command reads and writes: those of the process, or others in a test. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  /** Results only, so that a pipe gets nothing else. */
  readonly stdout: Output;
  /** Whatever is for people: errors, progress, logs. */
  readonly stderr: Output;
}

/** Writes, and waits until `output` took it; so a slow reader slows the writer down. */
export function write(output: Output, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(chunk, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

/** One line of JSON. */
export function writeJson(output: Output, content: object): Promise<void> {
  return write(output, `${JSON.stringify(content)}\n`);
}
