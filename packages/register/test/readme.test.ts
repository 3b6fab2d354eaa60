import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { System, VirtualHost } from '@jbstore/core';
import { ReadImposeWriteConsultMajority } from '@jbstore/register';
import { Read, ReadReturn, Write, WriteReturn } from '@jbstore/register/port';
import { VirtualNetwork, VirtualWire } from '@jbstore/testkit';
import { HostTimer } from '@jbstore/timer';

import { addressOf } from './processes';

test('the example of the README is this one, and works', () => {
  const host = new VirtualHost();
  const system = new System('readme', { host, seed: 'readme' });
  const self = addressOf(0);
  const group = [self];
  const network = system.create(VirtualNetwork, { wire: new VirtualWire(host), self });
  const timer = system.create(HostTimer);
  const found: string[] = [];
  // README
  const register = system.create(ReadImposeWriteConsultMajority, { self });
  network.network.connect(register.network);
  timer.timer.connect(register.timer);

  const client = system.clientOf(register.register);
  client.upon(WriteReturn, ({ write }) => {
    client.next(new Read(write.register, group));
  });
  client.upon(ReadReturn, ({ value }) => {
    found.push(Buffer.from(value ?? []).toString());
  });
  client.next(new Write('greeting', Buffer.from('hello'), group));
  // README
  system.start().catch(() => undefined);
  host.advance(10);

  expect(found).toStrictEqual(['hello']);
  const [, example = ''] = readFileSync(__filename, 'utf8').split('  // README\n');
  const readme = readFileSync(join(__dirname, '../README.md'), 'utf8');
  expect(readme).toContain(example.replace(/^ {2}/gm, ''));
});
