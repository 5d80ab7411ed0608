import type { BenchFile, BenchRow } from '../benchmark.js';
import type { PageTimes } from '../service/job-list.js';
import type { ServiceScale } from '../service/scale.js';
import { figuresTable } from './figures-table.js';
import { markdownTable } from './markdown-table.js';
import { provenanceTable } from './provenance-table.js';

/** The document's part about what `npm run bench -- service --json FILE` wrote. */
export function serviceSection(file: BenchFile): string {
  const scale = file.settings as unknown as ServiceScale;
  return [
    '## Service',
    provenanceTable(file),
    setting(scale),
    figuresTable(file.rows),
    '### Times of submissions',
    submitTable(file.rows),
    '### Pages of a long list',
    pagesTable(file.rows, scale),
    REPEAT,
  ].join('\n\n');
}

function setting(scale: ServiceScale): string {
  const { connections, submitSeconds, starts, clients, followedJobs, eventsPerSecond, listedJobs } = scale;
  return `API, worker and clients are processes of their own on this machine, with the embedded PostgreSQL and, where a figure ends in \`redis\`, a
redis-server with append-only files. Clients send an API key, every change goes into the audit log, and requests are counted against a rate
limit that is set so high that it refuses none.

- **Submissions:** ${connections} keep-alive connections for ${submitSeconds} s, jobs of 16 shapes on one dataset; \`keyed\` ones have an
  \`Idempotency-Key\` each. No worker runs meanwhile: nothing is trained. Lost is an accepted job without its row, its first event or its
  message in the queue, or one that was answered twice.
- **Bare server:** the same clients and bodies against \`node:http\` with one INSERT per request into an embedded PostgreSQL: what this machine gives
  a server that keeps what it is sent and does nothing else.
- **Start:** from the answer until the worker's first event can be read from the database; ${starts} jobs, one after the other, each
  cancelled once it has begun.
- **Event streams:** ${clients} clients follow ${followedJobs} jobs that get ${eventsPerSecond} events per second together, written as workers write them; every
  client breaks its connection once and goes on by \`Last-Event-ID\`. The delay is from the time that an event bears to its receipt.
- **List:** pages of 50 of ${listedJobs} jobs, one request after the other; the figure is the median of the slowest kind.
- **Memory:** the most that the API's resident set was over all of that, its queue on Redis; it was started anew after the dataset was
  registered.`;
}

function submitTable(rows: readonly BenchRow[]): string {
  const cells = rows.flatMap(({ name, detail }) => {
    const times = detail['timesMs'] as PageTimes['timesMs'] | undefined;
    if (times === undefined) return [];
    return [[`\`${name}\``, String(times.count), ...[times.p50, times.p90, times.p99, times.max].map(ms)]];
  });
  return markdownTable(['figure', 'requests', 'p50, ms', 'p90, ms', 'p99, ms', 'longest, ms'], cells);
}

function pagesTable(rows: readonly BenchRow[], { listedJobs }: ServiceScale): string {
  const pages = rows.flatMap(({ detail }) => (detail['pages'] as PageTimes[] | undefined) ?? []);
  const cells = pages.map(({ query, items, medianMs, timesMs }) => {
    return [`\`${shown(query)}\``, String(items), ms(medianMs), ms(timesMs.p90)];
  });
  return markdownTable([`query, of ${listedJobs} jobs`, 'jobs on the page', 'p50, ms', 'p90, ms'], cells);
}

/** Cursors are long and say nothing. */
const shown = (query: string): string => query.replace(/cursor=\S+/, 'cursor=…');

const ms = (value: number): string => value.toPrecision(3);

const REPEAT = `### To repeat it

\`npm run bench -- service --json FILE\` on a machine that does nothing else, with redis-server (Debian: \`apt-get install redis-server\`).`;
