import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((file) =>
  existsSync(file),
);

/** Describes what a page does in a real browser. Skipped where there is no Chromium. */
export function describeInChromium(name: string, tests: (browser: () => Browser) => void): void {
  (CHROMIUM ? describe : describe.skip)(name, () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM!, args: ['--no-sandbox'] });
    });
    afterAll(() => browser.close());
    tests(() => browser);
  });
}
