import { rangesOf, type View } from '@jbstore/gms/port';
import Table from 'cli-table3';

import { counted, percent } from './figures';
import { figuresOf, type Balance } from './ring-figures';

/** The ring for a terminal: its members, how even it is, and who holds what. */
export function ringText(view: View): string {
  const { members, owns, holds, misplaced } = figuresOf(view);
  const { clusterId, number, replication, slotCount, tokens } = view;
  const copies = `each key on ${replication} of ${counted(members.length, 'node')}`;
  const sizes = `${slotCount} slots, ${counted(tokens.length, 'token')}`;
  const lines = [
    `cluster ${clusterId}, view ${number}: ${copies}; ${sizes}`,
    membersTable(view),
    `a node owns ${balanceText(owns)} times the average, and holds ${balanceText(holds)}`,
    `${counted(misplaced, 'slot')} still to be moved`,
    rangesTable(view),
  ];
  return `${lines.join('\n')}\n`;
}

function membersTable(view: View): string {
  const table = new Table({
    head: ['number', 'node', 'state', 'tokens', 'owns', 'leads', 'holds'],
    colAligns: ['right', 'left', 'left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { index, place, state, tokens, owns, leads, holds } of figuresOf(view).members) {
    const shares = [owns, leads, holds].map((slots) => percent(slots, view.slotCount));
    table.push([index, place, state, tokens, ...shares]);
  }
  return table.toString();
}

function rangesTable(view: View): string {
  const table = new Table({
    head: ['slots', 'from position', 'held by', 'lead', 'epoch', 'before by'],
    colAligns: ['right', 'left', 'left', 'right', 'right', 'left'],
    style: { head: [], border: [] },
  });
  let first = 0;
  for (const { start, run } of rangesOf(view)) {
    const position = Buffer.from(start, 'latin1').toString('hex').slice(0, 8);
    const before = run.previous?.group.join(' ') ?? '';
    const slots = `${first} to ${first + run.slots - 1}`;
    table.push([slots, position, run.group.join(' '), run.lead, run.epoch, before]);
    first += run.slots;
  }
  return table.toString();
}

function balanceText({ least, most }: Balance): string {
  return `${least.toFixed(2)} to ${most.toFixed(2)}`;
}
