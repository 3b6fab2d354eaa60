import { createHash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { System, invariant } from '@jbstore/core';
import { Address } from '@jbstore/network/port';
import { ReadImposeWriteConsultMajority } from '@jbstore/register';
import { CountRegisters, RegistersCounted, Write, WriteReturn } from '@jbstore/register/port';
import { HostTimer } from '@jbstore/timer';

/** The form of a row that all suites share. */
interface Row {
  readonly scenario: string;
  readonly subject: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly runs: number;
  readonly parameters: Readonly<Record<string, number>>;
}

const runs = 3;
const keyBytes = 16;
/** A register's name is the position of its key, and the key. */
const nameBytes = 16 + keyBytes;
const self = Address.parse('p@p:1');

/** How much memory a replica takes for each key, on the heap and outside of it, payload included. */
export async function registerMemory(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const { keys, valueBytes } of [
    { keys: 200_000, valueBytes: 100 },
    { keys: 20_000, valueBytes: 2_000 },
  ]) {
    const figures: number[] = [];
    for (let run = 0; run < runs; run += 1) figures.push(await bytesPerKey(keys, valueBytes));
    figures.sort((one, other) => one - other);
    rows.push({
      scenario: `register memory, values of ${valueBytes} bytes`,
      subject: 'jbstore',
      unit: 'bytes/key',
      median: figures[Math.floor(runs / 2)] ?? NaN,
      min: figures[0] ?? NaN,
      max: figures.at(-1) ?? NaN,
      runs,
      parameters: { keys, keyBytes, valueBytes, payloadBytes: nameBytes + valueBytes },
    });
  }
  return rows;
}

async function bytesPerKey(keys: number, valueBytes: number): Promise<number> {
  const before = await settledBytes();
  await using system = new System('register-memory');
  const register = system.create(ReadImposeWriteConsultMajority, { self });
  system.create(HostTimer).timer.connect(register.timer);
  system.providerOf(register.network); // A group of one process sends nothing.
  const client = system.clientOf(register.register);
  const directory = system.clientOf(register.directory);
  let returned = 0;
  client.subscribe((event) => {
    if (event instanceof WriteReturn) returned += 1;
  });
  let counted: RegistersCounted | undefined;
  directory.subscribe((event) => {
    if (event instanceof RegistersCounted) counted = event;
  });
  await system.start();

  for (let key = 0; key < keys; key += 1) {
    client.next(new Write(nameOf(key), Buffer.alloc(valueBytes, key), [self]));
    if (key % 1_000 === 0) await nextTurn();
  }
  directory.next(new CountRegisters());
  while (counted === undefined) await nextTurn();

  invariant(returned === keys, 'every write was answered');
  invariant(counted.registers === keys, 'every register is held');
  invariant(counted.bytes === keys * (nameBytes + valueBytes), 'every byte is held');
  const after = await settledBytes();
  return Math.round((after - before) / keys);
}

/** As a name comes off the wire: a flat string of bytes, shared with nothing. */
function nameOf(key: number): string {
  const text = `key ${key}`.padEnd(keyBytes);
  const position = createHash('sha256').update(text).digest().subarray(0, 16);
  return Buffer.concat([position, Buffer.from(text)]).toString('latin1');
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The bytes in use once all garbage is gone. */
async function settledBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let time = 0; time < 3; time += 1) {
    collect();
    await nextTurn();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
