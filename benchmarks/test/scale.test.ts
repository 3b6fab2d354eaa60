import { clusterAtSize } from '../cluster-at-size';
import { balanceOf } from '../ring-balance';

describe('a simulated cluster', () => {
  test('of 30 nodes: heartbeats by the rule who watches whom, six messages per put and four per get, one copy moves', () => {
    const { heartbeatsPerNodeAndPeriod, messagesPerPut, messagesPerGet, replacement } =
      clusterAtSize(30, true);

    // The seven of the council watch 29; each other one these seven, and the four with whom it shares slots: of those
    // who are beside the council, some are in it.
    expect(heartbeatsPerNodeAndPeriod).toBeGreaterThan((2 * (7 * 29 + 23 * 7)) / 30);
    expect(heartbeatsPerNodeAndPeriod).toBeLessThan((2 * (7 * 29 + 23 * 11)) / 30);
    expect([messagesPerPut, messagesPerGet]).toStrictEqual([6, 4]);
    expect(replacement?.shareOfSlots).toBeCloseTo(3 / 30, 2);
    expect(replacement?.bytesMovedPerByteHeld).toBeGreaterThan(1);
    expect(replacement?.bytesMovedPerByteHeld).toBeLessThan(1.5);
    expect(replacement?.settledMs).toBeGreaterThan(replacement?.evictedMs ?? Infinity);
  });
});

test('a ring is the more even the more tokens each of its members has, and the even split is the best', () => {
  const most = [1, 16, 100].map((tokensPerMember) => balanceOf(10, { tokensPerMember, seed: '1' }));

  const holds = [...most, balanceOf(10)].map((balance) => balance.holds);
  expect(holds).toStrictEqual(holds.toSorted((one, other) => other - one));
  expect(balanceOf(10)).toMatchObject({ holds: expect.closeTo(1, 1) as unknown });
});
