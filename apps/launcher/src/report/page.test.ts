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

  test('escapes whatever came from users', () => {
    const command = 'npm run demo -- --data-dir "<script>alert(1)</script>&"';
    const hostile = renderPage({ ...report, command });
    expect(hostile).not.toContain('<script>');
    expect(hostile).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;');
  });
});
