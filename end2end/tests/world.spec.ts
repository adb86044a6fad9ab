// Every page of the demonstration world, seen by everybody who may see it: axe clean, nothing on the console.
import { type Person, expect, test } from '../support/test.ts';
import { DEMONSTRATION_PASSWORD, logIn } from '../support/people.ts';

test.use({ world: true });
test.describe.configure({ timeout: 600_000 });

/** A page, or the page behind the first link on another one whose address begins so. */
type Stop = string | { on: string; link: string };

const journeys: { role: string; account?: string; stops: Stop[] }[] = [
  {
    role: 'viewer',
    stops: [
      '/',
      '/competitions',
      '/competitions/diabetes-progression',
      '/competitions/diabetes-progression/board',
      '/competitions/tumour-or-not/board',
      '/competitions/wine-cultivar-cup/board',
      '/competitions/numbers-sprint/board',
      '/courses',
      '/courses?search=zzzz',
      '/courses/confusion-matrix',
      { on: '/courses/confusion-matrix', link: '/courses/confusion-matrix/lessons/' },
      '/pricing',
      '/bundles',
      { on: '/bundles', link: '/bundles/' },
      '/people/chenwei',
      '/certificates',
      '/register',
      '/log-in',
      '/redeem?code=ABCDE-FGHJK',
      '/gallery',
    ],
  },
  {
    role: 'learner',
    account: 'mina',
    stops: [
      '/learning',
      '/courses/regression-errors',
      { on: '/learning', link: '/courses/regression-errors/lessons/' },
      '/orders',
      { on: '/orders', link: '/orders/' },
      '/cart',
      '/points',
      '/gifts',
      '/redeem',
      '/wallet',
      '/subscription',
      '/messages',
      '/people/mina',
      '/settings',
      '/competitions/tumour-or-not/submissions',
    ],
  },
  {
    role: 'competitor',
    account: 'wangxiuying',
    stops: [
      '/competitions/diabetes-progression',
      '/competitions/diabetes-progression/board',
      '/competitions/diabetes-progression/submissions',
      '/competitions/wine-cultivar-cup/submissions',
      '/competitions/numbers-sprint/quiz',
      '/people/wangxiuying',
      { on: '/people/camillelaurent', link: '/certificates/' },
      '/orders',
    ],
  },
  {
    role: 'author',
    account: 'linxiaoyu',
    stops: [
      '/earnings',
      '/teach',
      { on: '/teach', link: '/teach/courses/' },
      { on: '/courses/confusion-matrix', link: '/courses/confusion-matrix/lessons/' },
    ],
  },
  {
    role: 'organiser',
    account: 'chenwei',
    stops: [
      '/organise',
      '/organise/new',
      '/organise/diabetes-progression',
      '/organise/numbers-sprint',
      '/organise/wine-cultivar-cup',
      '/competitions/diabetes-progression/board',
    ],
  },
  {
    role: 'administrator',
    account: 'steward',
    stops: [
      '/admin',
      '/admin/orders',
      { on: '/admin/orders', link: '/admin/orders/' },
      '/admin/coupons',
      '/admin/bundles',
      '/admin/grants',
      '/admin/points',
      '/admin/jobs',
      '/admin/payments',
      '/admin/payments?show=closed',
      '/admin/plans',
      '/admin/plans/new',
      { on: '/admin/plans', link: '/admin/plans/0' },
      '/admin/finance',
      '/admin/finance/transfers',
      '/admin/finance/log',
      '/admin/refunds',
      { on: '/admin/refunds', link: '/admin/refunds/0' },
      '/admin/payouts',
      '/admin/shares',
    ],
  },
];

for (const { role, account, stops } of journeys) {
  test(`${role}: every page is without fault`, async ({ visitor }) => {
    if (account) await logIn(visitor, account, DEMONSTRATION_PASSWORD);
    for (const stop of stops) {
      await come(visitor, stop);
      await expect(visitor.page.getByRole('heading', { level: 1 }), JSON.stringify(stop)).toHaveCount(1);
      await expectNoSidewaysScrolling(visitor);
    }
  });
}

test('author: a lesson and a question on the desk, from the course down', async ({ visitor }) => {
  const { page } = visitor;
  await logIn(visitor, 'linxiaoyu', DEMONSTRATION_PASSWORD);
  await come(visitor, { on: '/teach', link: '/teach/courses/' });
  const lessons = await addresses(visitor, '/teach/lessons/');
  expect(lessons.length).toBeGreaterThan(2);
  await page.goto(lessons[0]!);
  await visitor.look();
  // The text is shown as readers will see it, before anything is typed.
  await expect(page.getByRole('region', { name: visitor.say('courses.preview_title') }).locator('.prose').first()).not.toBeEmpty();
  await page.goto(lessons.at(-1)!);
  await visitor.look();
});

async function come(person: Person, stop: Stop): Promise<void> {
  if (typeof stop === 'string') return person.open(stop);
  await person.page.goto(`${person.server.url}/${person.combination.language}${stop.on}`);
  const [first] = await addresses(person, stop.link);
  if (!first) throw new Error(`no link to ${stop.link} on ${stop.on}`);
  await person.page.goto(first);
  await person.look();
}

async function addresses(person: Person, beginning: string): Promise<string[]> {
  const links = person.page.locator(`main a[href^="/${person.combination.language}${beginning}"]`);
  await links.first().waitFor({ state: 'attached' });
  const found = await links.evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
  return [...new Set(found)];
}

async function expectNoSidewaysScrolling(person: Person): Promise<void> {
  const [wide, window] = await person.page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  expect(wide, `the width of ${person.page.url()}`).toBeLessThanOrEqual(window! + 1);
}
