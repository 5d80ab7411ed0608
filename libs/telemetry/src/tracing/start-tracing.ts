/** The process that traces tell of. */
export interface TracedService {
  /** Such as `isochron-api`; OTEL_SERVICE_NAME overrides it. */
  readonly name: string;
  readonly version: string;
  /** Of this process, among all of its kind. */
  readonly instance: string;
  /** Told of traces that could not be exported; the service goes on. */
  readonly onError: (message: string) => void;
}

/**
 * Has spans exported as OTEL_* says. The SDK is loaded here and nowhere else, for it takes time and memory.
 * @returns what exports the spans that are left, and stops
 */
export async function startTracing(service: TracedService): Promise<() => Promise<void>> {
  const { startSdk } = await import('./open-telemetry-sdk.js');
  return startSdk(service);
}
