import { RuntimeError } from '@jbstore/core';

/** δ is more than N: there are not so many nodes to hold a key. */
export class ReplicationTooHighError extends RuntimeError {
  override readonly code = 'ERR_REPLICATION_TOO_HIGH';

  constructor(
    readonly replication: number,
    readonly nodes: number,
  ) {
    super(
      `the replication is ${replication}, but the cluster has ${nodes} nodes: ` +
        `choose a replication from 1 to ${nodes}, or a cluster of ${replication} nodes or more`,
    );
  }
}

/** A node was told to join itself. */
export class SelfJoinError extends RuntimeError {
  override readonly code = 'ERR_SELF_JOIN';

  constructor(readonly endpoint: string) {
    super(
      `this node listens at ${endpoint} and cannot join itself: ` +
        'give it the address of the first node, or none to make it the first',
    );
  }
}

/** A cluster of one node, and that is to join another. */
export class LonelyJoinError extends RuntimeError {
  override readonly code = 'ERR_LONELY_JOIN';

  constructor(readonly endpoint: string) {
    super(
      `a cluster of 1 node has nobody to join, and this node is to join ${endpoint}: ` +
        'say how many nodes the cluster has, or leave out the address to join',
    );
  }
}
