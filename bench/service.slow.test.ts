import { hasRedisServer, TYPESCRIPT_NODE_OPTIONS } from '#testkit';
import { service } from './service.bench.js';

// Processes of the benchmark are this one's children; they run the sources, as this does.
process.env.NODE_OPTIONS = TYPESCRIPT_NODE_OPTIONS;

(hasRedisServer() ? test : test.skip)(
  'a quick run of the benchmark of the service loses nothing and misses nothing',
  async () => {
    const said: string[] = [];
    const options = { rounds: 1, quick: true, peerPythons: [] };
    const { rows, versions } = await service.run((text) => said.push(text), options);
    const figures = Object.fromEntries(rows.map(({ name, value }) => [name, value]));
    expect(Object.keys(figures)).toEqual([
      ...['submit_per_s_redis', 'submit_p99_ms_redis', 'submit_keyed_per_s_redis', 'start_latency_p50_ms'],
      ...['sse_missed', 'sse_p99_ms', 'list_page_ms', 'api_rss_mb'],
      ...['submit_per_s_postgres', 'submit_p99_ms_postgres', 'submit_keyed_per_s_postgres'],
      ...['start_latency_p50_ms_postgres', 'bare_insert_per_s', 'submit_share_of_bare_insert_redis'],
      ...['submit_share_of_bare_insert_postgres', 'submit_lost'],
    ]);
    expect(figures).toMatchObject({ submit_lost: 0, sse_missed: 0 });
    const others = rows.filter(({ name }) => name !== 'submit_lost' && name !== 'sse_missed');
    for (const { name, value } of others) expect([name, value > 0]).toEqual([name, true]);
    const lost = rows.at(-1)!.detail['lost'] as { accepted: number }[];
    expect(lost.map(({ accepted }) => accepted > 0)).toEqual([true, true]);
    expect(versions).toEqual({ redis: expect.stringMatching(/^\d/) });
    expect(said).toContain('submitting from 4 connections');
  },
  300_000,
);
