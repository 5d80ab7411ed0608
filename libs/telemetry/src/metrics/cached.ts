/**
 * What `load` gave the last time, for as long as it is fresh: callers that come together share one load. A failure is
 * passed on to those that wait for it, and is not kept.
 */
export function cached<T>(
  load: () => Promise<T>,
  maxAgeMs: number,
  nowMs = () => performance.now(),
): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  let atMs = 0;
  return () => {
    if (loaded !== undefined && nowMs() - atMs < maxAgeMs) return loaded;
    atMs = nowMs();
    const loading = load();
    loaded = loading;
    loading.catch(() => {
      if (loaded === loading) loaded = undefined;
    });
    return loading;
  };
}
