import { diag, DiagLogLevel, type DiagLogger } from '@opentelemetry/api';
import { NodeSDK, resources } from '@opentelemetry/sdk-node';
import { within, withoutSecrets } from '#runtime';
import type { TracedService } from './start-tracing.js';

/** A collector that does not answer holds nobody up for longer at the end. */
const FLUSH_TIMEOUT_MS = 5_000;

/** Loaded on demand by `startTracing`, which has the contract. */
export function startSdk({ name, version, instance, onError }: TracedService): () => Promise<void> {
  diag.setLogger(diagnostics(onError), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const described = resources.resourceFromAttributes({
    'service.name': name,
    'service.version': version,
    'service.instance.id': instance,
  });
  // Metrics are Prometheus's to fetch, and logs go to stderr.
  const sdk = new NodeSDK({
    resource: resources.defaultResource().merge(described),
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  return () => flushed(sdk, onError);
}

async function flushed(sdk: NodeSDK, onError: TracedService['onError']): Promise<void> {
  try {
    await within(FLUSH_TIMEOUT_MS, 'their collector', sdk.shutdown());
  } catch (error) {
    onError(
      `the last traces could not be exported: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function diagnostics(onError: TracedService['onError']): DiagLogger {
  const tell = (message: string) => onError(`traces: ${withoutSecrets(message)}`);
  const nothing = () => {};
  return { error: tell, warn: tell, info: nothing, debug: nothing, verbose: nothing };
}
