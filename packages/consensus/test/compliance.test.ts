import { complianceOfConsensus } from '@jbstore/consensus/compliance';

import { VirtualParticipants } from './participants';

describe('SingleDecreePaxos is uniform consensus', () => {
  complianceOfConsensus((init) => new VirtualParticipants(init), { test, expect });
});
