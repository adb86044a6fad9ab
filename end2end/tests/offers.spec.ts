// What makes things cheaper, and what is given away: coupons, points, gifts and scholarships.
import { type Person, expect, test } from '../support/test.ts';
import { DEMONSTRATION_PASSWORD, logIn, register } from '../support/people.ts';

test.use({ world: true });
test.describe.configure({ timeout: 600_000 });

test('friend: fills a cart with coupon and points, gives a gift; somebody takes it, and has a scholarship', async ({ newcomer }) => {
  const [steward, friend, taker] = [await newcomer(), await newcomer(), await newcomer()];
  const { page, say } = friend;
  await register(taker, 'taker');
  await logIn(steward, 'steward', DEMONSTRATION_PASSWORD);
  await steward.open('/admin/coupons');
  await steward.fill(say('offers.coupon'), 'SEVEN');
  await steward.fill(say('offers.value'), '7');
  await steward.page.getByLabel(say('offers.unit')).selectOption('CNY');
  await steward.press(say('offers.make'));
  await expect(steward.page.getByText('SEVEN').first()).toBeVisible();
  await steward.open('/admin/grants');
  await steward.fill(say('offers.username'), 'taker');
  await steward.fill(say('offers.course_address'), 'nearest-neighbours');
  await steward.fill(say('offers.why'), 'For the best question');
  await steward.press(say('offers.grant'));
  await expect(steward.page.getByText('For the best question').first()).toBeVisible();

  // What is bought earns points.
  await register(friend, 'friend');
  await friend.open('/courses/sql-joins');
  await friend.pressLike('courses.buy');
  await pay(friend);
  await friend.open('/courses/honest-splits');
  await friend.press(say('offers.put'));
  await expect(page).toHaveURL(/\/cart/);
  await friend.ready();
  await friend.fill(say('offers.coupon'), 'SEVEN');
  await use(friend, say('offers.coupon'));
  await friend.fill(say('offers.points_to_spend'), '10');
  await use(friend, say('offers.points_to_spend'));
  await expect(page.locator('#main').getByText(say('offers.by_points'), { exact: true })).toBeVisible();
  await expect(page.getByText('− ¥7', { exact: true })).toBeVisible();
  await friend.look();
  await friend.press(say('offers.order_all'));
  await pay(friend);
  await expect(page.getByText(say('offers.by_coupon'), { exact: true })).toBeVisible();
  await friend.open('/points');
  await expect(page.getByText(say('offers.kind_spent')).first()).toBeVisible();

  await friend.open('/courses/regression-errors');
  await friend.follow(say('offers.give_it'));
  await friend.fill(say('offers.message'), 'Read it on the train.');
  await friend.press(say('offers.buy_gift'));
  await pay(friend);
  await friend.open('/gifts');
  const code = (await page.locator('main code').first().textContent())!;

  await taker.open('/redeem');
  await taker.fill(say('offers.gift_code'), code);
  await taker.press(say('offers.redeem_now'));
  await taker.open('/orders');
  await expect(taker.page.getByRole('listitem').filter({ hasText: say('orders.state_paid') })).toHaveCount(2);
  await friend.open('/gifts');
  await expect(page.getByText(say('offers.gift_taken'))).toBeVisible();
});

/** Pays an order with the money of the sandbox. */
async function pay(person: Person): Promise<void> {
  await person.page.getByRole('main').getByRole('button', { name: person.say('payments.sandbox') }).click();
  await person.pressLike('payments.choose_paid');
  await person.sees(person.page.getByText(person.say('orders.is_paid')).or(person.page.getByText(person.say('orders.is_paid_gift'))));
}

/** Presses the button of the form in which a field stands. */
async function use(person: Person, label: string): Promise<void> {
  const form = person.page.locator('form').filter({ has: person.page.getByLabel(label, { exact: true }) });
  await form.getByRole('button').click();
  await person.ready();
}
