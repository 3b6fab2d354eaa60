import { createWriteStream, type WriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';

import type { Output } from './io';

/** Writes beside `file` and renames, so that half a file is never taken for a whole one. */
export async function intoFile<Result>(
  file: string,
  copy: (output: Output) => Promise<Result>,
): Promise<Result> {
  const inPlace = await isSpecial(file);
  const path = inPlace ? file : `${file}.incomplete`;
  const output = createWriteStream(path);
  try {
    await opened(output);
    const result = await copy(output);
    await new Promise<void>((resolve, reject) => {
      output.on('error', reject);
      output.end(resolve);
    });
    if (!inPlace) await rename(path, file);
    return result;
  } catch (error) {
    output.destroy();
    if (!inPlace) await rm(path, { force: true });
    throw error;
  }
}

function opened(output: WriteStream): Promise<void> {
  return new Promise((resolve, reject) => {
    output.once('open', () => resolve());
    output.once('error', reject);
  });
}

/** A pipe or a device, which is written where it is. */
async function isSpecial(file: string): Promise<boolean> {
  try {
    return !(await stat(file)).isFile();
  } catch {
    return false;
  }
}
