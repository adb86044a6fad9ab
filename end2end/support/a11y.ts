// No page that a test looks at may have a fault that axe can see.
import { AxeBuilder } from '@axe-core/playwright';
import { type Page, expect } from '@playwright/test';

/** Lets axe look at the page; `scripted` is the window to use where the page itself runs no scripts. */
export async function expectAccessible(page: Page, scripted?: Page): Promise<void> {
  let seen = page;
  if (scripted) {
    // axe is a script: show the same document, less its own scripts, in a window that has them.
    const html = (await page.content()).replace(/<script[\s\S]*?<\/script>|<link[^>]*preload[^>]*>/g, '');
    const address = page.url().split('#')[0]!;
    seen = scripted;
    await seen.route(address, (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }));
    await seen.goto(page.url());
    await seen.unroute(address);
  }
  // Our pages hold no frames, and nobody reads what passed: that leaves a third of the time.
  const axe = new AxeBuilder({ page: seen }).setLegacyMode(true).options({ resultTypes: ['violations'] });
  const { violations } = await axe.analyze();
  const told = violations.map((violation) => ({
    rule: violation.id,
    help: violation.help,
    where: violation.nodes.slice(0, 4).map((node) => `${node.target.join(' ')}  ${node.html.slice(0, 160)}`),
  }));
  expect(told, `axe on ${page.url()}`).toEqual([]);
}
