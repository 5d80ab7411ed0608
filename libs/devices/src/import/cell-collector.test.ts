import { CellCollector } from './cell-collector.js';
import { ImportProblems } from './import-problems.js';

const place = (line: number) => ({ file: 'cells.csv', line, column: 'latency_ms' });

test('keeps a million samples of a cell and refuses one more', () => {
  const cells = new CellCollector(new ImportProblems());
  for (let i = 0; i < 1_000_000; i++) cells.addSample('slow', 0, 1 + i / 1e6, place(i + 2));
  const [cell] = cells.all();
  expect([cell!.samplesMs.length, cell!.lines]).toEqual([1_000_000, { first: 2, last: 1_000_001 }]);
  expect(() => cells.addSample('slow', 0, 1, place(1_000_002))).toThrow(
    'cells.csv, line 1000002, column latency_ms: expected at most 1000000 samples of one cell',
  );
});

test('tells the cells of which a second one came, and keeps the first', () => {
  const problems = new ImportProblems();
  const cells = new CellCollector(problems);
  const stated = (p50Ms: number) => ({ stated: true as const, p50Ms, p50Is: 'mean' as const });
  for (const [index, p50Ms] of [10, 20].entries()) {
    const cell = { operatingPoint: 'slow', ratio: 0.5, samplesMs: [], stated: stated(p50Ms) };
    cells.addCell(cell, { file: `${index}.log`, line: 3, column: 1 }, 9);
  }
  expect(cells.all()).toEqual([expect.objectContaining({ file: '0.log', lines: { first: 3, last: 9 } })]);
  expect(() => problems.refuseAny()).toThrow('each cell once; 0.log, line 3, has this one');
});
