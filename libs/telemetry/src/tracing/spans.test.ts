import { beginSpan, currentTraceparent, inSpan, traceFields, withSpan } from './spans.js';

describe('without an SDK', () => {
  test('work runs as it would, and its errors are passed on', async () => {
    expect(await inSpan('work', {}, () => Promise.resolve(1))).toBe(1);
    const error = new Error('broken');
    await expect(inSpan('work', {}, () => Promise.reject(error))).rejects.toBe(error);
  });

  test('there is no trace for messages and log lines to carry, whatever a caller sends', () => {
    const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const span = beginSpan('work', { parent });
    expect(withSpan(span, currentTraceparent)).toBeUndefined();
    expect(traceFields(span)).toEqual({});
  });
});
