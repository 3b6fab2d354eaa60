import type { Message } from '@jbstore/network/port';

import type { Letter, ScenarioLog } from './scenario-log';

/** Somebody asked all for a ballot, or to hold the record with this count. */
export interface Round {
  readonly key: string;
  readonly by: string;
  readonly ballot: number;
  readonly count: number | undefined;
  /** When it was first said. */
  readonly atMs: number;
}

/** The key of the register that a message is about: its name begins with the position of the key. */
export function keyOf(message: Message): string {
  return 'register' in message ? String(message.register).slice(16) : '';
}

/** Each that prepared, in the order in which they did. */
export function preparations(log: ScenarioLog): readonly Round[] {
  return roundsIn(log.lettersOf('slot-register/Prepare'));
}

/** Each that proposed a record, or imposed one. */
export function proposals(log: ScenarioLog): readonly Round[] {
  return roundsIn(log.lettersOf('slot-register/Accept'));
}

/** Who was refused, of which key, as another had promised this ballot. */
export function refusals(log: ScenarioLog): readonly Round[] {
  const asked = new Map<string, string>();
  return log.letters.flatMap(({ message, from, to, atMs }): Round[] => {
    if (!('phase' in message) || to === undefined) return [];
    const phase = String(message.phase);
    const key = keyOf(message);
    if (key !== '') asked.set(`${from} ${phase}`, key);
    if (message.declaration.type !== 'slot-register/Nack') return [];
    const about = asked.get(`${to} ${phase}`) ?? '';
    return [{ key: about, by: to, ballot: ballotIn(message), count: undefined, atMs }];
  });
}

function roundsIn(letters: readonly Letter[]): readonly Round[] {
  const rounds = new Map<string, Round>();
  for (const { message, from, atMs } of letters) {
    if (!('phase' in message)) continue;
    const name = `${from} ${String(message.phase)}`;
    const count = 'count' in message ? Number(message.count) : undefined;
    const round = { key: keyOf(message), by: from, ballot: ballotIn(message), count, atMs };
    if (!rounds.has(name)) rounds.set(name, round);
  }
  return [...rounds.values()];
}

function ballotIn(message: Message): number {
  return 'ballot' in message ? Number(message.ballot) : 0;
}
