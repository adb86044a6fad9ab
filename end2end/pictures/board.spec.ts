// Makes the README's picture: the live board of the demonstration, while its bots compete.
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Server } from '../support/server.ts';

test('the live board', async ({ browser }) => {
  test.setTimeout(240_000);
  const server = await Server.start('sqlite', { world: true, arguments: ['--demo-live'] });
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 }, deviceScaleFactor: 2 });
    const page = await context.newPage();
    await page.goto(`${server.url}/en/competitions`);
    const running = page.getByRole('region', { name: 'Running now' }).getByRole('listitem').filter({ hasText: 'Prediction' }).getByRole('link').first();
    await page.goto(`${server.url}${await running.getAttribute('href')}/board`);
    await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
    await expect(page.getByText('Live', { exact: true }).first()).toBeVisible();
    // Long enough for a few submissions to move rows.
    await page.waitForTimeout(15_000);
    await page.screenshot({ path: join(import.meta.dirname, '../../docs/board.png') });
  } finally {
    await server.remove();
  }
});
