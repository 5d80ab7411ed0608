import type { BenchFile, BenchRow } from '../benchmark.js';
import type { SwitchingResult } from '../registry/switching.process.js';
import type { SwitchingScale } from '../registry/switching.js';
import type { TransfersDetail, TransfersScale } from '../registry/transfers.js';
import { median } from '../median.js';
import type { spreadOf } from '../service/quantile.js';
import { figuresTable } from './figures-table.js';
import { markdownTable } from './markdown-table.js';
import { provenanceTable } from './provenance-table.js';

interface Settings {
  readonly transfers: TransfersScale;
  readonly switching: SwitchingScale;
}

/** The document's part about what `npm run bench -- registry --json FILE` wrote. */
export function registrySection(file: BenchFile): string {
  const settings = file.settings as unknown as Settings;
  return [
    '## Registry and device runtime',
    provenanceTable(file),
    setting(settings),
    figuresTable(file.rows),
    '### Bundles on their way',
    transfersTable(file.rows),
    '### Switches',
    switchesTable(file.rows),
    REPEAT,
  ].join('\n\n');
}

function setting({ transfers, switching }: Settings): string {
  const { rounds, firstBytes, devices, breaking } = transfers;
  return `API and clients are processes of their own on this machine, with the embedded PostgreSQL and artifacts in a directory; nothing else runs.

- **Publish and fetch:** bundles of untrained weights, another one every round. In turns over ${rounds} rounds, behind one that is not
  counted, one client copies a file (\`copyFile\`, then \`fsync\`), publishes it (\`POST …/versions\` with the file as its body, until the version is
  there) and fetches it (to a file that is held to its digest, \`fsync\`, then renamed); all in one file system. A share is the median time of
  a copy over that of the other; \`hashed_copy\` is a copy that is read once more for its SHA-256, which publishing does twice and fetching once.
  What stands between the shares and 1: a bundle goes through a socket, twice through memory and once through SHA-256, publishing a second
  time for the digest inside of it, and client and server share the machine's cores.
- **First byte:** from the request for what the alias \`production\` points to until the first byte of the body, over one connection,
  ${firstBytes} times.
- **Fleet:** ${devices} devices fetch that bundle at once, over a connection each, and hold it to its digest; ${breaking} of them break off midway and
  go on with \`Range\`.
- **Switch:** from the request to the first output, which is compared with the subnet's own; ${switching.switches} switches, every subnet after
  every other one. Steady latency is the worst of the four ratios' medians over that of the plain ONNX file, ${switching.runs} runs of both in turns.
- **Memory:** what the resident set of a process grows by while it switches around, over that of a process with a session for each plain
  file; MobileNetV2.`;
}

function transfersTable(rows: readonly BenchRow[]): string {
  const detail = rows.find(({ name }) => name === 'publish_share_of_copy')?.detail as
    TransfersDetail | undefined;
  if (detail === undefined) return 'Not measured.';
  const { bytes, copyMs, hashedCopyMs, publishMs, fetchMs } = detail;
  const cells = Object.entries({
    copy: copyMs,
    'copy, hashed': hashedCopyMs,
    publish: publishMs,
    fetch: fetchMs,
  }).map(([name, times]) => {
    const middle = median(times);
    return [
      name,
      ...[Math.min(...times), middle, Math.max(...times)].map(short),
      short(bytes / 1e3 / middle),
    ];
  });
  return markdownTable([`${short(bytes / 1e6)} MB`, 'least, ms', 'median, ms', 'most, ms', 'MB/s'], cells);
}

interface SwitchDetail {
  readonly switchesMs: ReturnType<typeof spreadOf>;
  readonly byRatio: readonly { readonly ratio: number; readonly switchesMs: ReturnType<typeof spreadOf> }[];
}

function switchesTable(rows: readonly BenchRow[]): string {
  const cells = rows.flatMap(({ name, detail }) => {
    const { byRatio } = detail as Partial<SwitchDetail>;
    const network = name.replace('switch_p99_ms_', '');
    const steady = rows.find((row) => row.name === `steady_latency_over_plain_onnx_${network}`);
    const latencies = steady?.detail['steady'] as SwitchingResult['steady'] | undefined;
    return (byRatio ?? []).map(({ ratio, switchesMs: { p50, p99, max } }) => {
      const latency = latencies?.find((each) => each.ratio === ratio);
      const steadyMs = latency ? [latency.runtimeMs, latency.plainMs].map(short) : ['', ''];
      return [network, String(ratio), ...[p50, p99, max].map(short), ...steadyMs];
    });
  });
  const columns = ['p50, ms', 'p99, ms', 'longest, ms', 'an inference, ms', 'plain ONNX, ms'];
  return markdownTable(['network', 'switch to ratio', ...columns], cells);
}

const short = (value: number): string => value.toPrecision(3);

const REPEAT = `### To repeat it

\`npm run bench -- registry --json FILE\` on a machine that does nothing else.`;
