import { type Address } from '@jbstore/network/port';
import { ReadImposeWriteConsultMajority, ReadImposeWriteMajority } from '@jbstore/register';
import {
  complianceOfAtomicRegister,
  type Registers,
  type RegistersInit,
} from '@jbstore/register/compliance';

import { RegisterProcesses, type Algorithm } from './processes';

function over(algorithm: Algorithm): (init: RegistersInit) => Registers {
  return ({ count, seed }) => {
    const world = new RegisterProcesses(algorithm, count, seed);
    const { host, wire, group, random } = world;
    let copiesAfterMs: (from: Address, to: Address) => readonly number[] = () => [1];
    wire.rule((envelope) => {
      const [first, ...others] = copiesAfterMs(envelope.source, envelope.destination);
      for (const afterMs of others) {
        host.after(afterMs, () => {
          wire.deliver(envelope);
        });
      }
      return first ?? 'drop';
    });
    return {
      processes: group,
      random,
      ask: (process, request) => {
        world.at(process).client.trigger(request);
      },
      answers: () => world.processes.flatMap(({ client }) => client.take()),
      rule: (rule) => {
        copiesAfterMs = rule;
      },
      crash: (process) => {
        world.crash(process);
      },
      advance: (ms) => {
        world.advance(ms);
      },
    };
  };
}

describe('ReadImposeWriteConsultMajority, an (N,N) atomic register', () => {
  complianceOfAtomicRegister(over(ReadImposeWriteConsultMajority), 'all', { test, expect });
});

describe('ReadImposeWriteMajority, a (1,N) atomic register', () => {
  complianceOfAtomicRegister(over(ReadImposeWriteMajority), 'first', { test, expect });
});
