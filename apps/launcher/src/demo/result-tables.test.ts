import { buildReport } from '../report/build-report.js';
import { FINDINGS } from '../report/demo-findings.fixture.js';
import { calibrationTable, resultTable } from './result-tables.js';

const rows = (table: string) =>
  table
    .split('\n')
    .filter((line) => line.startsWith('│'))
    .map((line) =>
      line
        .split('│')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

test('the result table has a row per operating point, then spread and variance', () => {
  const [head, ...body] = rows(resultTable(buildReport(FINDINGS)));
  expect(head).toEqual(['operating point', 'ratio', 'accuracy', 'dense p50', 'calibrated p50']);
  expect(body[0]).toEqual(['share-100', 'dense', '98.8 %', '20.4 ms', '20.4 ms']);
  expect(body[4]).toEqual(['share-035', '0.74', '97.2 %', '58.3 ms', '17.7 ms']);
  expect(body[5]).toEqual(['spread (max/min)', '', '', '2.86x', '1.15x']);
  expect(body[6]![0]).toBe('variance (ms²)');
});

test('the calibration table says why a point is infeasible', () => {
  const [first, ...others] = FINDINGS.calibration.choices;
  const miss = { bound: 'overhead', nearestMs: 31, nearestRatio: 0, floorMs: 30 } as const;
  const message = 'the nearest it can reach is 31 ms';
  const choices = [{ ...first!, feasible: false, miss: { ...miss, message } }, ...others];
  const table = calibrationTable({ ...FINDINGS.calibration, choices });
  expect(rows(table)[1]).toEqual(['share-100', '20.0 ms', 'dense', '20.0 ms', 'no']);
  expect(table).toContain('share-100: the nearest it can reach is 31 ms');
});
