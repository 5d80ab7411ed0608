import { quotaOfShare } from './cpu-quota.js';

describe('the quota of a CPU share', () => {
  it.each([
    [0.5, 1, { quotaUs: 5_000, periodUs: 10_000 }],
    [0.35, 2, { quotaUs: 14_000, periodUs: 20_000 }],
    [0.8, 4, { quotaUs: 128_000, periodUs: 40_000 }],
  ])('%s of %s threads', (share, threads, quota) => {
    expect(quotaOfShare(share, threads)).toEqual(quota);
  });

  it('is none for the whole CPU', () => {
    expect(quotaOfShare(1, 2)).toBeUndefined();
  });

  it('is never below the millisecond that the kernel takes: small shares get a longer period', () => {
    expect(quotaOfShare(0.05, 1)).toEqual({ quotaUs: 1_000, periodUs: 20_000 });
  });
});
