import { firstEpoch } from '@jbstore/gms/port';

import { Accepted } from './accepted';
import { type Acceptor, type Floors, type Holdings } from './acceptor';
import { FlatRecords } from './flat-records';

/**
 * What a member of the previous group held of a slot when it took part in the previous epoch no longer ("old" in the
 * protocol). It does not change any more.
 */
export interface Former {
  readonly epoch: number;
  readonly holdings: Holdings;
}

/** What a {@link Former} says of one register. */
export interface FormerPart extends Floors {
  readonly accepted: Accepted | undefined;
  /** What is not in it was not chosen before, in any epoch. */
  readonly complete: boolean;
}

/**
 * Sealing: `acceptor` takes part in its epoch no longer, as messages of that epoch are refused from now on. Who had
 * none in the epoch, since it skipped it, has accepted nothing there and never will: it is sealed as well. Who skipped
 * the first epoch is complete, too, as all members were when it began: there was nothing to be had.
 */
export function sealed(epoch: number, acceptor: Acceptor | undefined): Former {
  return { epoch, holdings: acceptor?.seal() ?? { ...nothing, synced: epoch === firstEpoch } };
}

/**
 * What a survivor holds of a slot that lost a majority: of each register what it accepted in the epoch, or else what it
 * held in the epoch before, if that is not settled. It counts as complete, as nobody else has more.
 *
 * @param before - what it held in the epoch before that one
 */
export function salvaged(
  epoch: number,
  acceptor: Acceptor | undefined,
  before: Former | undefined,
): Former {
  const accepted = new FlatRecords();
  const layers = [before, acceptor && { epoch, holdings: acceptor.seal() }].filter((one) => !!one);
  for (const { epoch: since, holdings } of layers) {
    for (const [register, { ballot, count, record, epoch: own }] of holdings.accepted) {
      accepted.set(register, new Accepted(ballot, count, record, own ?? since));
    }
  }
  const floorOf = (floor: keyof Floors): number =>
    Math.max(0, ...layers.map(({ holdings }) => holdings[floor]));
  const generationFloor = floorOf('generationFloor');
  const versionFloor = floorOf('versionFloor');
  return { epoch, holdings: { accepted, synced: true, generationFloor, versionFloor } };
}

const nothing: Holdings = {
  accepted: new FlatRecords(),
  synced: false,
  generationFloor: 0,
  versionFloor: 0,
};

export function partOf({ holdings }: Former, register: string): FormerPart {
  const { accepted, synced, generationFloor, versionFloor } = holdings;
  return { accepted: accepted.get(register), complete: synced, generationFloor, versionFloor };
}
