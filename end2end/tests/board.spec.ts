// The live board, before the eyes of those who watch it: it moves, pauses, breaks and comes back.
import { type Person, expect, test } from '../support/test.ts';

test.use({ world: true });
test.describe.configure({ timeout: 600_000 });

const board = '/competitions/diabetes-progression/board';
/** The bots submit every few seconds; a rank changes less often. */
const soon = { timeout: 60_000 };

test('without scripts the board is a complete table that can be searched and turned', { tag: '@plain' }, async ({ visitor }) => {
  const { page, say } = visitor;
  await visitor.open(board);
  await expect(page.locator('#board tbody tr')).not.toHaveCount(0);
  await expect(connection(visitor)).toHaveAttribute('data-connection', 'off');
  const name = (await page.locator('#board td.who b').nth(2).textContent())!;
  await page.getByLabel(say('standings.find')).fill(name);
  await visitor.press(say('standings.look'));
  await expect(page.locator('#board td.who b').first()).toHaveText(name);
});

test('two windows see the same rows move, and one that asks for stillness sees them without motion', { tag: '@scripts' }, async ({ newcomer }) => {
  const [moving, still] = [await newcomer(), await newcomer()];
  await still.page.emulateMedia({ reducedMotion: 'reduce' });
  for (const { page } of [moving, still]) {
    await page.addInitScript(() => {
      const glides = { count: 0 };
      Object.assign(window, { glides });
      const animate = Element.prototype.animate;
      Element.prototype.animate = function (...how) {
        glides.count += 1;
        return animate.apply(this, how);
      };
    });
  }
  await moving.open(board);
  await still.open(board);
  await live(moving);
  await live(still);
  const glides = ({ page }: Person) => page.evaluate(() => (window as unknown as { glides: { count: number } }).glides.count);
  const before = await sequence(moving);
  await expect.poll(() => sequence(moving), soon).toBeGreaterThan(before);
  await expect.poll(() => glides(moving), { timeout: 120_000 }).toBeGreaterThan(0);
  const reached = await sequence(moving);
  await expect.poll(() => sequence(still)).toBeGreaterThanOrEqual(reached);
  expect(await glides(still)).toBe(0);
  await moving.look();
});

test('a window in the background lets go, and catches up when it comes back', { tag: '@scripts' }, async ({ newcomer }) => {
  const [watching, away] = [await newcomer(), await newcomer()];
  await watching.open(board);
  await away.open(board);
  await live(away);
  await turn(away, 'hidden');
  await expect(connection(away)).toHaveAttribute('data-connection', 'paused');
  const left = await sequence(away);
  await expect.poll(() => sequence(watching), soon).toBeGreaterThan(left);
  expect(await sequence(away)).toBe(left);
  await turn(away, 'visible');
  await live(away);
  const present = await sequence(watching);
  await expect.poll(() => sequence(away)).toBeGreaterThanOrEqual(present);
});

test('where streams are blocked the board is fetched instead', { tag: '@scripts' }, async ({ visitor, guard }) => {
  guard.expects(503);
  const { page } = visitor;
  await page.route(
    (address) => address.pathname === '/live/competitions/diabetes-progression',
    (route) => route.fulfill({ status: 503, body: '' }),
  );
  await visitor.open(board);
  const before = await sequence(visitor);
  await expect(connection(visitor)).toHaveAttribute('data-connection', 'polling', { timeout: 60_000 });
  await expect.poll(() => sequence(visitor), { timeout: 90_000 }).toBeGreaterThan(before);
});

// The last one: it starts the server anew.
test('a server that goes is missed, and found again without loading the page', { tag: '@scripts' }, async ({ visitor, guard }) => {
  guard.expectsOutage();
  const { page, server } = visitor;
  await visitor.open(board);
  await live(visitor);
  await page.evaluate(() => Object.assign(window, { same: true }));
  await server.stop();
  await expect(connection(visitor)).toHaveAttribute('data-connection', /reconnecting|connecting|polling|stale/);
  await server.serve(['--demo-live']);
  const before = await sequence(visitor);
  await expect(connection(visitor)).toHaveAttribute('data-connection', 'live', { timeout: 60_000 });
  await expect.poll(() => sequence(visitor), soon).toBeGreaterThan(before);
  expect(await page.evaluate(() => 'same' in window)).toBe(true);
});

function connection(person: Person) {
  return person.page.locator('[data-connection]');
}

async function live(person: Person): Promise<void> {
  await expect(connection(person)).toHaveAttribute('data-connection', 'live', { timeout: 20_000 });
}

/** The number of the last public event that the page knows. */
async function sequence(person: Person): Promise<number> {
  const text = (await person.page.locator('.board-foot .number').textContent()) ?? '';
  return Number(text.replace(/\D/g, ''));
}

/** What a browser does to a tab that goes to the background or comes back. */
async function turn(person: Person, state: 'hidden' | 'visible'): Promise<void> {
  await person.page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => value });
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value === 'hidden' });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, state);
}
