// The fixtures: a server of its own for each worker, a person's window with its guard, the app's texts.
import { type Browser, type Locator, type Page, test as base, expect } from '@playwright/test';
import { expectAccessible } from './a11y.ts';
import { Guard } from './console.ts';
import { type Engine, Server } from './server.ts';
import { type Language, type Say, pattern, speaker } from './text.ts';

export { expect };

export type Combination = {
  scripts: boolean;
  language: Language;
  screen: 'desktop' | 'phone';
  engine: Engine;
};

/** One person's browser: their own cookies, the app's texts, and a look at every page they come to. */
export class Person {
  /** The window in which axe looks at what a window without scripts shows. */
  private glass: Page | undefined;

  constructor(
    readonly page: Page,
    readonly say: Say,
    readonly combination: Combination,
    readonly server: Server,
    readonly guard: Guard,
    private readonly browser: Browser,
  ) {}

  /** Opens an address below the language, and looks at the page. */
  async open(path: string): Promise<void> {
    await this.page.goto(`${this.server.url}/${this.combination.language}${path === '/' ? '' : path}`);
    await this.look();
  }

  /** Waits until the page can be used, and lets axe look at it. */
  async look(): Promise<void> {
    await this.ready();
    if (!this.combination.scripts) this.glass ??= await (await this.browser.newContext({ javaScriptEnabled: true })).newPage();
    await expectAccessible(this.page, this.glass);
  }

  /** Closes this person's windows. */
  async leave(): Promise<void> {
    await this.glass?.context().close();
    await this.page.context().close();
  }

  /** Waits until the page can be used. */
  async ready(): Promise<void> {
    await this.page.waitForLoadState('load');
    if (!this.combination.scripts) return;
    await this.page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
    // A page that one came to by a link shows its outline until its data is here.
    await expect(this.page.locator('.skeleton-page')).toHaveCount(0);
  }

  async press(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click();
  }

  /** Presses the button with this text, whatever stands in its placeholders. */
  async pressLike(key: string): Promise<void> {
    await this.page.getByRole('button', { name: pattern(this.combination.language, key) }).first().click();
  }

  /** Waits until something appears that the server does later; without scripts a person loads the page again. */
  async sees(what: Locator): Promise<void> {
    if (!this.combination.scripts) return this.finds(what);
    await expect(what.first()).toBeVisible({ timeout: 90_000 });
  }

  /** Loads the page again until something appears on it: not every page looks again by itself. */
  async finds(what: Locator): Promise<void> {
    await expect(async () => {
      await this.page.reload();
      await expect(what.first()).toBeVisible({ timeout: 2000 });
    }).toPass({ timeout: 90_000 });
  }

  async follow(name: string | RegExp): Promise<void> {
    const before = this.page.url();
    await this.page.getByRole('link', { name }).first().click();
    await this.page.waitForURL((url) => url.href !== before);
    await this.look();
  }

  async fill(label: string, value: string): Promise<void> {
    await this.page.getByLabel(label, { exact: true }).fill(value);
  }

  async heading(name: string | RegExp): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1, name })).toBeVisible();
  }
}

type Fixtures = {
  /** On a failure, prints what the server said during the journey. */
  told: undefined;
  guard: Guard;
  newcomer: () => Promise<Person>;
  visitor: Person;
  say: Say;
};
type Worker = { combination: Combination; world: boolean; server: Server };

export const test = base.extend<Fixtures, Worker>({
  combination: [
    { scripts: true, language: 'en', screen: 'desktop', engine: 'sqlite' },
    { option: true, scope: 'worker' },
  ],
  world: [false, { option: true, scope: 'worker' }],
  server: [
    async ({ combination, world }, use) => {
      // In the demonstration world the bots compete, so that its boards move.
      const server = await Server.start(combination.engine, { world, arguments: world ? ['--demo-live'] : [] });
      await use(server);
      await server.remove();
    },
    { scope: 'worker', timeout: 900_000 },
  ],
  told: [
    async ({ server }, use, test) => {
      const before = server.printed().length;
      await use(undefined);
      if (test.status === test.expectedStatus) return;
      console.log(`${test.title}: the server said\n${server.printed().slice(before) || '(nothing)'}`);
    },
    { auto: true },
  ],
  say: async ({ combination }, use) => use(speaker(combination.language)),
  guard: async ({}, use) => {
    const guard = new Guard();
    await use(guard);
    expect(guard.found(), 'the console guard').toEqual([]);
  },
  newcomer: async ({ browser, combination, server, say, guard }, use) => {
    const close: (() => Promise<void>)[] = [];
    await use(async () => {
      const person = await newPerson(browser, combination, server, say, guard);
      close.push(() => person.leave());
      return person;
    });
    for (const end of close) await end();
  },
  visitor: async ({ newcomer }, use) => use(await newcomer()),
});

async function newPerson(
  browser: Browser,
  combination: Combination,
  server: Server,
  say: Say,
  guard: Guard,
): Promise<Person> {
  const context = await browser.newContext();
  guard.watch(context, combination.scripts);
  return new Person(await context.newPage(), say, combination, server, guard, browser);
}
