// The first thing a stranger sees: the home page, in every combination.
import { expect, test } from '../support/test.ts';

test('the home page opens, in the language of the visitor', async ({ visitor, combination }) => {
  const { page } = visitor;
  await page.goto(visitor.server.url);
  await visitor.look();
  expect(new URL(page.url()).pathname).toBe(`/${combination.language}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('a page that is not there says so and offers a way on', async ({ visitor, guard }) => {
  guard.expects(404);
  await visitor.open('/nowhere-at-all');
  await expect(visitor.page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(visitor.page.getByRole('main').getByRole('link').first()).toBeVisible();
});
