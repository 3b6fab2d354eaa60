import { complianceOfEventualLeaderDetector } from '@jbstore/eld/compliance';

import { VirtualElectors } from './electors';

describe('MonarchicalLeaderDetection is an eventual leader detector', () => {
  complianceOfEventualLeaderDetector((init) => new VirtualElectors(init), { test, expect });
});
