import { latencyTables } from './latency-tables.bench.js';

test('a quick run of the benchmark of latency tables times pages and an import', async () => {
  const said: string[] = [];
  const options = { rounds: 1, quick: true, peerPythons: [] };
  const { rows } = await latencyTables.run((text) => said.push(text), options);
  expect(rows.map(({ name, unit }) => [name, unit])).toEqual([
    ['latency_tables_list_page_ms', 'ms'],
    ['latency_tables_of_device_page_ms', 'ms'],
    ['latency_table_page_ms', 'ms'],
    ['latency_cell_page_ms', 'ms'],
    ['latency_import_seconds', 's'],
    ['latency_import_memory_mib', 'MiB'],
  ]);
  for (const { name, value } of rows.slice(0, 5)) expect([name, value > 0]).toEqual([name, true]);
  expect(rows[4]!.detail).toMatchObject({ samples: 1000 });
  expect(said).toContain('importing 1000 samples');
});
