import { Component, type Context } from '@jbstore/core';
import { Membership, rangeOf } from '@jbstore/gms/port';
import { Address, Network } from '@jbstore/network/port';
import {
  CountRegisters,
  ListRegisters,
  RegisterDirectory,
  RegistersCounted,
  RegistersListed,
} from '@jbstore/register/port';
import { Beat, Deadlines, Timeout, Timer, type Deadline } from '@jbstore/timer/port';
import { z } from 'zod';

import { Admission, type Refusal } from './admission';
import { keyOf, positionBytes } from './register-name';
import { cutToMessage, mergeListings, type Listing } from './merging';
import {
  KeyPage,
  ListReply,
  ListRequest,
  RefusedReply,
  ScanRequest,
  StatusReply,
  StatusRequest,
} from './messages';

export const RangeScanInit = z.object({
  self: Address,
  /** How often the members that have not answered are asked again. */
  retransmitMs: z.number().positive().default(500),
  /** How often the deadlines of running scans are looked at. */
  tickMs: z.number().positive().default(20),
});
export type RangeScanInit = z.input<typeof RangeScanInit>;

/** A page that is being put together from the listings of a group. */
interface RunningScan {
  readonly request: ScanRequest;
  readonly list: number;
  readonly group: readonly Address[];
  readonly after: string;
  /** The end of the range: where the next one begins; undefined after the last. */
  readonly until: string | undefined;
  readonly listings: Map<Address, Listing>;
  /** The highest of those who have listed. */
  era: number;
  deadline?: Deadline<RunningScan>;
}

class ServedList extends ListRegisters {
  constructor(readonly request: ListRequest) {
    super(request.after, request.until ?? undefined, request.limit);
  }
}

class ServedCount extends CountRegisters {
  constructor(readonly request: StatusRequest) {
    super();
  }
}

class ScansDue extends Timeout {}
class AskAgain extends Timeout {}

/** More than the process ids of all lives: the numbers of scans begin at one of these. */
const firstLists = 2 ** 48;

/**
 * Lists the keys of a range: the union of what a majority of its group holds.
 *
 * Not a snapshot. A key whose put was answered before the scan began is held by a majority, and so
 * by a member of any other majority: it is listed. A member that does not answer is asked again, by
 * the same number; the numbers begin anywhere, so that no answer to a former life of this process counts.
 *
 * Uses the directory of the registers, the membership, the network and a timer. `2 δ` messages a page.
 */
export class RangeScan extends Component {
  readonly network = this.requires(Network);
  readonly directory = this.requires(RegisterDirectory);
  readonly membership = this.requires(Membership);
  readonly timer = this.requires(Timer);

  readonly #admission: Admission;
  readonly #running = new Map<number, RunningScan>();
  readonly #deadlines = new Deadlines<RunningScan>();
  readonly #beats: readonly Beat[];
  #nextList: number;

  constructor(context: Context, init: RangeScanInit) {
    super(context);
    const { self, retransmitMs, tickMs } = RangeScanInit.parse(init);
    this.#admission = new Admission(self, this.membership);
    this.#nextList = context.random('lists').int(firstLists);

    const isRunning = (): boolean => this.#running.size > 0;
    this.#beats = [
      new Beat(this, ScansDue, tickMs, isRunning, (lateMs) => {
        for (const scan of this.#deadlines.tick(tickMs, lateMs)) this.#expire(scan);
      }),
      new Beat(this, AskAgain, retransmitMs, isRunning, () => {
        for (const scan of this.#running.values()) this.#ask(scan);
      }),
    ];

    this.network.upon(ScanRequest, (request) => {
      this.#scan(request);
    });

    this.network.upon(ListRequest, (request) => {
      const members = this.#admission.view?.members ?? [];
      if (!members.some(({ address }) => address === request.source)) return;
      this.directory.next(new ServedList(request));
    });

    this.directory.upon(RegistersListed, ({ request, names, more }) => {
      if (!(request instanceof ServedList)) return;
      const { source, list } = request.request;
      const listing = cutToMessage({ names, more });
      const { era } = this.#admission;
      this.network.next(
        new ListReply(source, { list, names: [...listing.names], more: listing.more, era }),
      );
    });

    this.network.upon(ListReply, ({ source, list, names, more, era }) => {
      const scan = this.#running.get(list);
      if (!scan?.group.includes(source)) return;
      scan.era = Math.max(scan.era, era);
      scan.listings.set(source, { names, more });
      if (2 * scan.listings.size > scan.group.length) this.#answer(scan);
    });

    this.network.upon(StatusRequest, (request) => {
      this.directory.next(new ServedCount(request));
    });

    this.directory.upon(RegistersCounted, ({ request, registers, bytes }) => {
      if (!(request instanceof ServedCount)) return;
      const { source, id } = request.request;
      this.network.next(new StatusReply(source, { id, registers, bytes }));
    });
  }

  #expire(scan: RunningScan): void {
    this.#running.delete(scan.list);
    const text = `no majority of ${scan.group.join(', ')} listed its keys in time`;
    this.#refuse(scan.request, { code: 'unavailable', text });
  }

  #scan(request: ScanRequest): void {
    const after = request.after.padEnd(positionBytes, '\0');
    const admitted = this.#admission.at(after);
    const view = this.#admission.view;
    if ('code' in admitted || !view) {
      if ('code' in admitted) this.#refuse(request, admitted);
      return;
    }
    const scan: RunningScan = {
      request,
      list: this.#nextList++,
      group: admitted.group,
      after,
      until: rangeOf(view, after).end,
      listings: new Map(),
      era: 0,
    };
    this.#running.set(scan.list, scan);
    scan.deadline = this.#deadlines.add(scan, request.timeoutMs);
    for (const beat of this.#beats) beat.wake();
    this.#ask(scan);
  }

  #ask({ request, list, group, after, until, listings }: RunningScan): void {
    for (const member of group) {
      if (listings.has(member)) continue;
      const body = { list, after, until: until ?? null, limit: request.limit };
      this.network.next(new ListRequest(member, body));
    }
  }

  #answer(scan: RunningScan): void {
    this.#running.delete(scan.list);
    this.#deadlines.delete(scan.deadline);
    const { source, id, limit } = scan.request;
    const { names, more } = mergeListings([...scan.listings.values()], limit);
    const next = more ? names.at(-1) : scan.until;
    const page = { id, keys: names.map(keyOf), next: next ?? null, era: scan.era };
    this.network.next(new KeyPage(source, page));
  }

  #refuse({ source, id }: ScanRequest, { code, text }: Refusal): void {
    this.network.next(new RefusedReply(source, { id, code, text }));
  }
}
