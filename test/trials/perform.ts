import { connect, type Store } from '@jbstore/client';
import { Recorder, check, keyValue, type Operation, type Verdict } from '@jbstore/linearizability';

import { endAll } from '../processes/jbstore';
import { Ledger, type Pace } from '../processes/ledger';
import { Nodes } from '../processes/nodes';
import { Partition } from '../processes/partition';
import { Service } from '../processes/service';

/** What a trial does something to, while clients use it. */
export interface Stage {
  readonly cluster: Nodes;
  readonly store: Store;
  /** Another client. What it does is a part of the history. */
  readonly client: () => Promise<Store>;
  readonly ledger: Ledger;
  readonly service: Service;
  readonly network: Partition;
  /** Says what happens next, to people who wait and in the picture. */
  readonly tell: (text: string) => void;
}

/** Something that befalls a cluster of processes. */
export interface Trial {
  readonly name: string;
  readonly about: string;
  readonly nodes: number;
  readonly replication: number;
  /** What nodes say to one another goes through proxies, and can be held up. */
  readonly isPartitioned?: boolean;
  /** @returns what was measured beside the service, for people */
  run(stage: Stage): Promise<Readonly<Record<string, string>> | undefined>;
}

/** What came of a trial. */
export interface Performance {
  readonly trial: Trial;
  readonly pace: Pace;
  readonly service: Service;
  readonly measured: Readonly<Record<string, string>>;
  /** What requests were rejected with. */
  readonly errors: readonly string[];
  /** Requests that were not performed exactly once, and acknowledged writes that are not there. */
  readonly violations: readonly string[];
  /** Of the history of all requests. */
  readonly verdict: Verdict;
}

/** Longer than what befalls the cluster, so that no request needs to fail. */
const timeoutMs = 150_000;

/** Requests of each writer before and after what happens. */
const turnsAround = 30;

/** Runs `trial` on a new cluster under load. */
export async function perform(
  trial: Trial,
  pace: Pace,
  tell: (text: string) => void,
): Promise<Performance> {
  await using network = new Partition();
  const cluster = new Nodes(trial.isPartitioned === true ? network : undefined);
  try {
    await cluster.begin(trial.nodes, trial.replication);
    const history: Operation[] = [];
    const recorder = new Recorder({
      now: () => Math.floor(performance.now() * 1_000),
      record: (operation) => history.push(operation),
    });
    const client = (): Promise<Store> => connect(cluster.places, { timeoutMs, recorder });
    await using store = await client();
    const service = new Service();
    const ledger = new Ledger(store, pace, service);
    ledger.start();
    await ledger.answered(turnsAround * pace.writers);
    const told = (text: string): void => {
      service.mark(text);
      tell(text);
    };
    let measured: Readonly<Record<string, string>> = {};
    try {
      const stage = { cluster, store, client, ledger, service, network, tell: told };
      measured = (await trial.run(stage)) ?? {};
      await ledger.answered(turnsAround * pace.writers);
    } finally {
      ledger.end();
    }
    await ledger.stop();
    await ledger.check();
    recorder.end();
    const { errors, violations } = ledger;
    const { verdict } = check(history, keyValue());
    return { trial, pace, service, measured, errors, violations, verdict };
  } finally {
    await endAll();
  }
}
