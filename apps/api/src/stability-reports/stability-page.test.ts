import { aStabilityReport, describeInChromium } from '#testkit';
import { stabilityPage } from './stability-page.js';

const report = aStabilityReport();
const page = stabilityPage(report, 'kid-1');

describe('the stability page', () => {
  test('is self-contained: no script that runs, nothing fetched', () => {
    expect(page.replace('<script type="application/json" id="signed-report"></script>', '')).not.toMatch(
      /<script/i,
    );
    expect(page).not.toMatch(/(src|href)\s*=/i);
    expect(page).not.toMatch(/@import|url\((?!#)/i);
  });

  test('shows every operating point, digests, and the key', () => {
    for (const { operatingPoint } of report.points) expect(page).toContain(operatingPoint);
    for (const text of [report.bundle.digest, report.dataset!.digest, '1'.repeat(64), 'kid-1']) {
      expect(page).toContain(text);
    }
    expect(page).toMatch(
      /Latency became steadier, while the clocks change:\s+4 of 5 operating points are within 5 % of/,
    );
    const held = report.points.map((point) => ({ ...point, withinTolerance: true }));
    expect(stabilityPage(aStabilityReport({ points: held }), 'k')).toContain('Latency stays, while');
    expect(page).toContain('<span class="bad">no</span>, as foretold');
  });

  test('says that clocks were emulated, and only when they were', () => {
    expect(page).toContain('EMULATED clocks');
    const provenance = (latency: (typeof report.points)[number]['dense']) => ({
      ...latency,
      cell: { ...latency.cell!, provenance: { ...latency.cell!.provenance, emulated: false } },
    });
    const points = report.points.map((point) => ({
      ...point,
      ...{ dense: provenance(point.dense), calibrated: provenance(point.calibrated) },
    }));
    expect(stabilityPage({ ...report, emulated: false, points }, 'k')).not.toContain('EMULATED');
  });

  test('says where a measurement is gone, and what came from a file', () => {
    const [first, second, ...others] = report.points;
    const imported = {
      ...{ kind: 'imported' as const, format: 'csv' as const, file: 'board<1>.csv' },
      lines: { first: 2, last: 3 },
    };
    const points = [
      { ...first!, dense: { ...first!.dense, cell: undefined, onnxDigest: undefined } },
      {
        ...second!,
        dense: { ...second!.dense, cell: { latencyTableId: report.jobId!, index: 1, provenance: imported } },
      },
      ...others,
    ];
    const text = stabilityPage(
      { ...report, points, latencyTables: [{ id: report.jobId!, purpose: 'verify', gone: true }] },
      'k',
    );
    expect(text).toContain('the latency table is gone');
    expect(text).toContain('imported from board&lt;1&gt;.csv');
    expect(text).toContain('</code>, which is gone');
  });

  test('says what holding a deadline means, and that nobody checked what an uploaded bundle states', () => {
    const text = stabilityPage(aStabilityReport({ mode: 'deadline', accuracyStated: true }), 'k');
    expect(text).toContain('4 of 5 operating points stay below');
    expect(text).not.toMatch(/within 5 %|its tolerance/);
    expect(text).toContain('as the uploaded bundle states; not checked');
    expect(page).not.toContain('not checked');
  });

  test('is the same for the same report, byte for byte', () => {
    expect(stabilityPage(aStabilityReport(), 'kid-1')).toBe(page);
  });
});

/** Skipped where there is no Chromium. */
describeInChromium('the stability page in a browser', (browser) => {
  test.each([
    ['phone', 360],
    ['desktop', 1280],
  ])('fits a %s without scrolling sideways, bars within their track', async (_name, width) => {
    const tab = await browser().newPage({ viewport: { width, height: 800 } });
    const trouble: string[] = [];
    tab.on('request', (request) => trouble.push(request.url()));
    tab.on('console', (message) => trouble.push(message.text()));
    await tab.setContent(page);
    expect(await tab.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(await tab.evaluate<boolean>(BARS_FIT)).toBe(true);
    expect(trouble).toEqual([]);
    await tab.close();
  });

  test.each(['light', 'dark'] as const)('draws its text readable in a %s dress', async (colorScheme) => {
    const tab = await browser().newPage({ colorScheme });
    await tab.setContent(page);
    expect(await tab.evaluate<number>(CONTRAST)).toBeGreaterThan(4.5); // WCAG AA
    await tab.close();
  });
});

const BARS_FIT = `[...document.querySelectorAll('.bars .bar, .bars .whisker, .bars .band')].every((bar) => {
  const track = bar.closest('.track').getBoundingClientRect();
  const { left, right, width } = bar.getBoundingClientRect();
  return width > 0 && left >= track.left - 1 && right <= track.right + 1;
})`;

/** Smallest contrast of text in notes, tables and charts against the surface below. */
const CONTRAST = `(() => {
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).slice(0, 3).map(Number)
      .map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const surface = luminance(getComputedStyle(document.querySelector('section')).backgroundColor);
  const contrast = (color) => {
    const [low, high] = [luminance(color), surface].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const texts = document.querySelectorAll('section .note, section td, section th, section dt, .name, .axis, .legend');
  return Math.min(...[...texts].map((each) => contrast(getComputedStyle(each).color)));
})()`;
