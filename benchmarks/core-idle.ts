import { coreSubjects } from './core';

/** Prints how many bytes of the heap an idle component of a subject takes; needs --expose-gc. */
async function main(name: string | undefined, components: number): Promise<void> {
  const subject = coreSubjects.find((other) => other.name === name);
  if (!subject || !(components > 0)) throw new Error('usage: core-idle.ts <subject> <components>');
  await subject.createIdle(10).end();
  const before = heapBytes();
  const idle = subject.createIdle(components);
  const bytes = heapBytes() - before;
  process.stdout.write(`${String(bytes / idle.made)}\n`);
  await idle.end();
}

function heapBytes(): number {
  if (!globalThis.gc) throw new Error('run node with --expose-gc');
  for (let round = 0; round < 4; round += 1) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

void main(process.argv[2], Number(process.argv[3]));
