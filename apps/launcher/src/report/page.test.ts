import { buildReport } from './build-report.js';
import { FINDINGS } from './demo-findings.fixture.js';
import { renderPage } from './page.js';

const report = buildReport(FINDINGS);
const page = renderPage(report);

describe('the report page', () => {
  test('is self-contained: no scripts, nothing fetched', () => {
    expect(page).not.toMatch(/<script/i);
    expect(page).not.toMatch(/(src|href)\s*=\s*["']?(https?:)?\/\//i);
    expect(page).not.toMatch(/@import|url\((?!#)/i);
  });

  test('draws its charts as inline SVG with a text that says what they show', () => {
    const labels = [...page.matchAll(/role="img" aria-label="([^"]+)"/g)].map((m) => m[1]!);
    expect(page.match(/<svg/g)).toHaveLength(labels.length);
    expect(labels.length).toBeGreaterThanOrEqual(3);
    expect(labels.join()).toContain('Dense varies by 2.86x');
  });

  test('shows the figures of every operating point', () => {
    for (const point of report.points) expect(page).toContain(point.operatingPoint);
    expect(page).toContain('2.86x');
    expect(page).toContain(report.version.bundle.digest);
  });

  test('says prominently that clocks were emulated, and only when they were', () => {
    expect(page).toContain('EMULATED clocks');
    const real = (table: typeof FINDINGS.profile) => ({
      ...table,
      emulated: false,
      cells: table.cells.map((c) => ({
        ...c,
        provenance: { ...c.provenance, emulated: false, clockController: 'cpufreq' as const },
      })),
    });
    const onRealClocks = buildReport({
      ...FINDINGS,
      profile: real(FINDINGS.profile),
      verification: real(FINDINGS.verification),
    });
    expect(renderPage(onRealClocks)).not.toContain('EMULATED');
  });

  test('says how many cells were saved against the full grid', () => {
    expect(page).toContain('30 of the 50 cells of the grid');
    expect(page).toContain('20 (40.0 %) were saved');
    const whole = renderPage(buildReport({ ...FINDINGS, profileGridCells: 30 }));
    expect(whole).toContain('All 30 cells of the grid');
    expect(whole).not.toContain('were saved');
  });

  test('shows throttling, drift and temperatures of every cell, and how many cells they touch', () => {
    expect(page).toContain('0 of 39 cells measured while the device throttled, 0 after it had drifted');
    expect(page).toContain('of 39 the device does not say whether it throttled');
    const [first, second, ...others] = FINDINGS.profile.cells;
    const conditions = { temperatureBeforeC: 41.25, temperatureAfterC: 63, throttled: true, drift: 0.042 };
    const cells = [
      { ...first!, provenance: { ...first!.provenance, ...conditions } },
      { ...second!, provenance: { ...second!.provenance, throttled: false, drift: -0.05 } },
      ...others,
    ];
    const disturbed = renderPage(buildReport({ ...FINDINGS, profile: { ...FINDINGS.profile, cells } }));
    expect(disturbed).toContain(
      '<span class="bad">1 of 39 cells measured while the device throttled, 2 after',
    );
    expect(disturbed).toContain('<td><span class="bad">throttled, drifted +4.2 %</span></td>');
    expect(disturbed).toContain('<td>41.3 → 63.0</td>');
    expect(disturbed).toContain('<td><span class="bad">drifted −5.0 %</span></td>');
  });

  test('escapes whatever came from users', () => {
    const command = 'npm run demo -- --data-dir "<script>alert(1)</script>&"';
    const hostile = renderPage({ ...report, command });
    expect(hostile).not.toContain('<script>');
    expect(hostile).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;');
  });
});
