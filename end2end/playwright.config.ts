// Every journey runs in three named combinations; FULL=1 runs it in all sixteen.
import { defineConfig } from '@playwright/test';
import type { Combination } from './support/test.ts';

const named: Combination[] = [
  { scripts: true, language: 'en', screen: 'desktop', engine: 'sqlite' },
  { scripts: false, language: 'en', screen: 'phone', engine: 'sqlite' },
  { scripts: true, language: 'zh', screen: 'phone', engine: 'postgres' },
];

function all(): Combination[] {
  const found: Combination[] = [];
  for (const engine of ['sqlite', 'postgres'] as const) {
    for (const scripts of [true, false]) {
      for (const language of ['en', 'zh'] as const) {
        for (const screen of ['desktop', 'phone'] as const) found.push({ scripts, language, screen, engine });
      }
    }
  }
  return found;
}

const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

export default defineConfig({
  // `PICTURES=1 npx playwright test` makes the README's picture in place of testing.
  testDir: process.env.PICTURES ? 'pictures' : 'tests',
  outputDir: 'test-results',
  // A journey's steps follow each other; files run beside each other.
  fullyParallel: false,
  workers: Number(process.env.WORKERS ?? 2),
  // Long, for machines that do other things too: who passes does not wait for them.
  timeout: 300_000,
  expect: { timeout: 30_000 },
  forbidOnly: !!process.env.CI,
  retries: 0,
  reporter: [['list'], ...(process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [['json'] as ['json']] : [])],
  use: {
    browserName: 'chromium',
    actionTimeout: 45_000,
    navigationTimeout: 60_000,
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: (process.env.PICTURES ? named.slice(0, 1) : process.env.FULL ? all() : named).map((combination) => ({
    name: [
      combination.scripts ? 'scripts' : 'plain',
      combination.language,
      combination.screen,
      combination.engine,
    ].join('-'),
    // What needs scripts, or their absence, says so by a tag.
    grepInvert: combination.scripts ? /@plain/ : /@scripts/,
    use: {
      combination,
      viewport: sizes[combination.screen],
      hasTouch: combination.screen === 'phone',
      isMobile: combination.screen === 'phone',
      javaScriptEnabled: combination.scripts,
      locale: combination.language === 'zh' ? 'zh-CN' : 'en-GB',
      timezoneId: 'Asia/Shanghai',
    },
  })),
});
