import type { RequiredPort } from '@jbstore/core';
import {
  NewView,
  SuspicionsChanged,
  Waiting,
  groupOf,
  leadOf,
  type Membership,
  type View,
} from '@jbstore/gms/port';
import type { Address } from '@jbstore/network/port';

import { flawOfKey, flawOfValue } from './limits';
import type { RefusalCode } from './messages';
import { registerName } from './register-name';

/** Why a request is not performed. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly text: string;
  /** If the session has expired: sessions of this generation, and later ones, have not. */
  readonly generationFloor?: number | undefined;
}

/** A request that this node performs: the name of its register, and who keeps it. */
export interface Admitted {
  readonly name: string;
  readonly group: readonly Address[];
}

/** What this node knows of the membership, and what it therefore takes on. */
export class Admission {
  readonly #self: Address;
  #view: View | undefined;
  #waitingFor = 'the membership has not started';
  #suspected: ReadonlySet<Address> = new Set();

  constructor(self: Address, membership: RequiredPort<typeof Membership>) {
    this.#self = self;

    membership.upon(NewView, ({ view }) => {
      this.#view = view;
    });

    membership.upon(Waiting, ({ waitingFor }) => {
      this.#waitingFor = waitingFor;
    });

    membership.upon(SuspicionsChanged, ({ suspected }) => {
      this.#suspected = new Set(suspected);
    });
  }

  get view(): View | undefined {
    return this.#view;
  }

  /** What answers are of that are given now: registers here are in no epoch of a later one. */
  get era(): number {
    return this.#view?.era ?? 0;
  }

  /** Says whether this node writes `value` under `key`. */
  put(key: Uint8Array, value: Uint8Array): Admitted | Refusal {
    const flaw = flawOfValue(value);
    if (flaw !== undefined) return { code: 'value size', text: flaw };
    const admitted = this.get(key);
    if ('code' in admitted || this.#view?.register !== 'single-writer') return admitted;
    const lead = leadOf(this.#view, admitted.name);
    if (lead === this.#self) return admitted;
    return {
      code: 'wrong node',
      text: `only the lead of a key writes it: send the put to ${lead}`,
    };
  }

  /** Says whether this node reads what is stored under `key`. */
  get(key: Uint8Array): Admitted | Refusal {
    const flaw = flawOfKey(key);
    if (flaw !== undefined) return { code: 'key size', text: flaw };
    return this.at(registerName(key));
  }

  /** Says whether this node speaks for the group that keeps the registers around `name`. */
  at(name: string): Admitted | Refusal {
    const group = this.#view && groupOf(this.#view, name);
    if (!group || group.includes(this.#self)) return this.anywhere(name);
    const text = `this node does not keep that key: send the request to ${group.join(' or ')}`;
    return { code: 'wrong node', text };
  }

  /** Says whether there is a group, of which this node need not be, that answers for `name`. */
  anywhere(name: string): Admitted | Refusal {
    if (!this.#view) return { code: 'no view', text: this.#waitingFor };
    const group = groupOf(this.#view, name);
    if (this.#suspected.size === 0) return { name, group };
    const silent = group.filter((member) => this.#suspected.has(member));
    if (2 * (group.length - silent.length) > group.length) return { name, group };
    const some = `${String(silent.length)} of the ${String(group.length)} nodes that keep that key`;
    const text = `${some} do not answer: ${silent.join(', ')}`;
    return { code: 'unavailable', text };
  }

  /** Who keeps the register `name`: in the order in which they shall coordinate, whom nobody suspects first. */
  coordinators(name: string): readonly Address[] {
    if (!this.#view) return [];
    const lead = leadOf(this.#view, name);
    const group = groupOf(this.#view, name);
    if (this.#suspected.size === 0 && group[0] === lead) return group;
    const order = [lead, ...group.filter((member) => member !== lead)];
    const isSuspected = (member: Address): boolean => this.#suspected.has(member);
    return [...order.filter((member) => !isSuspected(member)), ...order.filter(isSuspected)];
  }
}
