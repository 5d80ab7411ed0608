import { describeInChromium } from '#testkit';
import { buildReport } from './build-report.js';
import { FINDINGS } from './demo-findings.fixture.js';
import { renderPage } from './page.js';
const page = renderPage(buildReport(FINDINGS));

/** What a reader's browser makes of the page. Skipped where there is no Chromium. */
describeInChromium('the report page in a browser', (browser) => {
  test.each([
    ['phone', 360],
    ['desktop', 1280],
  ])('fits a %s without scrolling sideways, and shows each chart once', async (_name, width) => {
    const tab = await browser().newPage({ viewport: { width, height: 800 } });
    const trouble: string[] = [];
    tab.on('request', (request) => trouble.push(request.url()));
    tab.on('console', (message) => trouble.push(message.text()));
    await tab.setContent(page);
    const scrollWidth = await tab.evaluate<number>('document.documentElement.scrollWidth');
    expect(scrollWidth).toBeLessThanOrEqual(width);
    const charts = tab.locator('.chart svg');
    const visible = await charts.evaluateAll(
      (all) => all.filter((svg) => svg.getClientRects().length > 0).length,
    );
    expect(visible).toBe((await charts.count()) / 2);
    expect(trouble).toEqual([]);
    await tab.close();
  });

  test.each(['light', 'dark'] as const)('draws its text readable in a %s dress', async (colorScheme) => {
    const tab = await browser().newPage({ colorScheme });
    await tab.setContent(page);
    const contrast = await tab.evaluate<number>(CONTRAST);
    expect(contrast).toBeGreaterThan(4.5); // WCAG AA
    await tab.close();
  });
});

/** Smallest contrast of text in charts, notes and tables against the surface below. */
const CONTRAST = `(() => {
  const channels = (color) => color.match(/[\\d.]+/g).slice(0, 3).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).map((c) => (c / 255 <= 0.03928 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const surface = luminance(getComputedStyle(document.querySelector('section')).backgroundColor);
  const ratio = (color) => {
    const [low, high] = [luminance(color), surface].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const texts = [...document.querySelectorAll('section .note, section td, section th')].map((e) => getComputedStyle(e).color);
  const labels = [...document.querySelectorAll('svg text')].map((e) => getComputedStyle(e).fill);
  return Math.min(...[...texts, ...labels].map(ratio));
})()`;
