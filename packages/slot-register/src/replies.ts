import { type RequiredPort } from '@jbstore/core';
import { type Network } from '@jbstore/network/port';

import { Consultation } from './consultation';
import { type Figures } from './figures';
import { Imposition } from './imposition';
import { Merging } from './merging';
import {
  AcceptedMessage,
  MergeStateMessage,
  NackMessage,
  PromiseMessage,
  SettledMessage,
  ValueMessage,
  unpacked,
  unpackedPart,
  unpackedVote,
} from './messages';
import { type Phase, type Phases } from './phases';
import { Preparation } from './preparation';
import { type Proposer } from './proposer';
import { type Reader } from './reader';
import { type Ballot } from './tag';

/** Has `network` tell what others answer. It counts if the phase runs, once for each of the members that it asks. */
export function serveReplies(
  network: RequiredPort<typeof Network>,
  phases: Phases,
  proposer: Proposer,
  reader: Reader,
  figures: Figures,
): void {
  const stray = (): void => {
    figures.strayReplies.add();
  };

  const refused = (phase: Phase, ballot: Ballot): void => {
    phase.slot.acceptor.heed(phase.register, ballot);
    phases.leave(phase.number);
    phase.refused();
  };

  network.upon(PromiseMessage, (reply) => {
    const phase = phases.find(reply.phase);
    if (!(phase instanceof Preparation) || phase.hear(reply.source) === undefined) stray();
    else proposer.promised(phase, unpackedVote(reply.vote));
  });

  network.upon(AcceptedMessage, (reply) => {
    const phase = phases.find(reply.phase);
    const rank = phase instanceof Imposition ? phase.hear(reply.source) : undefined;
    if (!(phase instanceof Imposition) || rank === undefined) {
      stray();
      return;
    }
    phase.hold(rank);
    if (!phase.isChosen) return;
    phases.leave(phase.number);
    phase.conclude();
  });

  network.upon(MergeStateMessage, ({ source, phase: number, part, ballot }) => {
    const phase = phases.find(number);
    if (!(phase instanceof Merging) || phase.hear(source) === undefined) {
      stray();
      return;
    }
    // A4: this is no refusal, but tells as much.
    if (ballot > phase.ballot) refused(phase, ballot);
    else proposer.formerHeard(phase, source, part ? unpackedPart(part) : undefined);
  });

  // A4
  network.upon(NackMessage, ({ source, phase: number, ballot }) => {
    const phase = phases.find(number);
    if (phase?.hear(source) === undefined) {
      stray();
      return;
    }
    refused(phase, ballot);
  });

  serveReads(network, phases, reader, stray);
}

function serveReads(
  network: RequiredPort<typeof Network>,
  phases: Phases,
  reader: Reader,
  stray: () => void,
): void {
  network.upon(ValueMessage, ({ source, phase: number, tag, record }) => {
    const phase = phases.find(number);
    const rank = phase instanceof Consultation ? phase.hear(source) : undefined;
    if (!(phase instanceof Consultation) || rank === undefined) {
      stray();
      return;
    }
    if (tag) phase.learn(rank, tag, record ? unpacked(record) : undefined);
    phase.consider();
  });

  network.upon(SettledMessage, ({ source, phase: number }) => {
    const phase = phases.find(number);
    if (phase?.hear(source) === undefined) stray();
    else reader.settled(phase);
  });
}
