// Money from the click to the bank: real gateways' counterparts, receipts, refunds, plans and payouts.
import type { Page } from '@playwright/test';
import { type Person, expect, test } from '../support/test.ts';
import { pattern } from '../support/text.ts';
import { DEMONSTRATION_PASSWORD, logIn, register } from '../support/people.ts';

test.use({ world: true });
test.describe.configure({ timeout: 600_000 });

const course = '/courses/sql-joins';

// A code is scanned in every combination; the pages that one is sent to do not differ without scripts.
for (const [gateway, tag] of [['stripe', '@scripts'], ['alipay', '@scripts'], ['wechatpay', '@everywhere']] as const) {
  test(`buyer: pays by ${gateway}, loads the receipt, and gives the course back by its promise`, { tag }, async ({ visitor }) => {
    const { page, say } = visitor;
    await register(visitor, `buyer-${gateway}`);
    const order = await reserve(visitor);
    await begin(visitor, gateway);
    await payAtBank(visitor, gateway, 'Pay');
    await page.goto(visitor.server.url + order);
    await visitor.sees(page.getByText(say('orders.is_paid')));
    await visitor.look();
    const receipt = page.getByRole('link', { name: say('receipts.load') });
    const file = await page.request.get(`${visitor.server.url}${await receipt.getAttribute('href')}`);
    expect(file.headers()['content-type']).toBe('application/pdf');
    expect((await file.body()).subarray(0, 5).toString()).toBe('%PDF-');

    await visitor.follow(say('refunds.give_back'));
    await expect(page.getByRole('checkbox')).toBeChecked();
    await visitor.press(say('refunds.give'));
    // The gateway is asked by a job: whoever waits loads the page again.
    await expect(async () => {
      await page.reload();
      await expect(page.getByText(say('refunds.state_succeeded'), { exact: true }).first()).toBeVisible({ timeout: 1000 });
    }).toPass({ timeout: 90_000 });
    await visitor.look();
    await visitor.open(course);
    await expect(page.getByRole('button', { name: /39/ }).first()).toBeVisible();
  });
}

test("leaver: leaves the bank's page, goes on, leaves again, and pays another way", async ({ visitor }) => {
  const { page, say } = visitor;
  await register(visitor, 'leaver');
  const order = await reserve(visitor);
  await begin(visitor, 'stripe');
  await leaveBank(visitor);
  const begun = page.getByText(say('orders.is_begun', say('payments.stripe')));
  await expect(begun).toBeVisible();
  await expect(page.getByText(say('orders.is_pending'))).toHaveCount(0);
  await visitor.look();
  await page.getByRole('link', { name: say('orders.go_on', say('payments.stripe')) }).click();
  await leaveBank(visitor);
  await begin(visitor, 'alipay');
  await payAtBank(visitor, 'alipay', 'Pay');
  expect(new URL(page.url()).pathname, 'the gateway leads back to the page of the order').toBe(order);
  await visitor.sees(page.getByText(say('orders.is_paid')));
});

test('steward: gives a refund to the balance, which pays again, and closes an alert with a note', async ({ newcomer }) => {
  const [buyer, steward] = [await newcomer(), await newcomer()];
  const { page, say, server } = buyer;
  await register(buyer, 'refunded');
  await reserve(buyer);
  await begin(buyer, 'sandbox');
  await buyer.pressLike('payments.choose_paid');
  await buyer.sees(page.getByText(say('orders.is_paid')));

  await logIn(steward, 'steward', DEMONSTRATION_PASSWORD);
  await steward.open('/admin/orders?search=refunded');
  await steward.page.locator('main a[href*="/admin/orders/0"]').first().click();
  await steward.ready();
  await steward.follow(say('orders.to_refunds'));
  await steward.page.getByLabel(say('refunds.amount', 'CNY')).fill('39');
  await steward.page.getByLabel(say('refunds.to_buyer')).check();
  await steward.fill(say('refunds.reason'), 'Sold by mistake');
  await steward.press(say('refunds.look_once_more'));
  await steward.ready();
  await steward.look();
  await steward.press(say('refunds.give_now', '¥39'));
  await steward.sees(steward.page.getByText(say('refunds.state_succeeded'), { exact: true }));

  await buyer.open('/wallet');
  await expect(page.getByText('¥39').first()).toBeVisible();
  await reserve(buyer);
  await begin(buyer, 'wallet');
  await buyer.look();
  await buyer.press(say('wallet.pay', '¥39'));
  await buyer.sees(page.getByText(say('orders.is_paid')));

  // Somebody pays less than was asked for: a person must look at it.
  const other = await newcomer();
  await register(other, 'half-payer');
  await reserve(other);
  await begin(other, 'alipay');
  await other.page.waitForURL((url) => url.href.startsWith(server.bankUrl), { timeout: 20_000 });
  await server.orders(`pay?number=${new URL(other.page.url()).pathname.split('/').pop()}&amount=100`);
  const row = steward.page.getByRole('listitem').filter({ hasText: '@half-payer' });
  await expect(async () => {
    await steward.page.goto(`${server.url}/${steward.combination.language}/admin/payments?reason=other_amount`);
    await expect(row).toBeVisible({ timeout: 1000 });
  }).toPass({ timeout: 90_000 });
  await steward.look();
  const note = row.getByLabel(say('payments.note'));
  await note.fill('  ');
  await row.getByRole('button', { name: say('payments.close'), exact: true }).click();
  await expect(row.getByText(say('common.fault.required'))).toBeVisible();
  // The money is here: nothing is closed before it has gone back.
  await note.fill('Sent back by hand');
  await row.getByRole('button', { name: say('payments.close'), exact: true }).click();
  await expect(steward.page.getByText(say('payments.fault.money_is_here'))).toBeVisible();
  await steward.open('/admin/payments?reason=other_amount');
  await row.getByRole('button', { name: say('payments.send_back') }).click();
  const dialog = steward.page.getByRole('dialog').filter({ hasText: 'half-payer' });
  await expect(dialog).toBeVisible();
  await dialog.getByRole('button', { name: say('payments.send_back') }).click();
  await expect(row).toHaveCount(0);
  await steward.open('/admin/payments?show=closed');
  await expect(steward.page.getByRole('listitem').filter({ hasText: '@half-payer' })).toContainText('@steward');
});

// The bank takes the money, tells nobody, and cannot be asked while the order is cancelled.
for (const place of ['free', 'gone'] as const) {
  test(`late payer: pays an order that was given up, and its place is ${place}`, async ({ visitor }) => {
    const { page, say, server } = visitor;
    await register(visitor, `late-${place}`);
    const order = await reserve(visitor);
    await server.orders('hold');
    await begin(visitor, 'alipay');
    await payAtBank(visitor, 'alipay', 'Pay');
    await server.orders('fault?is=down&times=1000&path=alipay');
    await page.goto(server.url + order);
    await visitor.ready();
    await visitor.press(say('orders.cancel'));
    await page.getByRole('dialog').getByRole('button', { name: say('orders.cancel_now') }).click();
    // The bank has the money, and nobody has heard of it: nothing may be said of it yet.
    await visitor.sees(page.getByText(say('orders.is_outcome')));
    await expect(page.getByText(say('orders.is_cancelled'))).toHaveCount(0);
    if (place === 'gone') {
      await reserve(visitor);
      await begin(visitor, 'sandbox');
      await visitor.pressLike('payments.choose_paid');
      await visitor.sees(page.getByText(say('orders.is_paid')));
    }
    await server.orders('mend');
    await server.orders('release');
    const end = place === 'free' ? 'orders.is_paid' : 'orders.event_sent_back';
    await expect(async () => {
      await page.goto(server.url + order);
      await expect(page.getByText(say(end)).first()).toBeVisible({ timeout: 1000 });
    }).toPass({ timeout: 90_000 });
    await visitor.look();
    await visitor.open('/messages');
    const told = pattern(visitor.combination.language, place === 'free' ? 'messages.paid_late' : 'messages.too_late');
    await expect(page.getByText(told).first()).toBeVisible();
  });
}

test('subscriber: is declined, tries again, and has the plan; somebody overdue pays and has it back', async ({ newcomer }) => {
  const fresh = await newcomer();
  const { page, say } = fresh;
  await register(fresh, 'subscriber');
  await fresh.open('/pricing');
  await fresh.pressLike('subscriptions.subscribe');
  await expect(page.getByText(say('orders.is_held'))).toBeVisible();
  // The words may be there before the address is told.
  await expect(page).toHaveURL(/\/orders\//);
  const order = new URL(page.url()).pathname;
  await begin(fresh, 'stripe');
  await payAtBank(fresh, 'stripe', 'Decline');
  // The bank leads back by itself: a second visit at the same moment would race with that one.
  await expect(page).toHaveURL(fresh.server.url + order);
  await fresh.ready();
  await fresh.sees(page.getByRole('main').getByRole('button', { name: say('payments.stripe') }));
  await begin(fresh, 'stripe');
  await payAtBank(fresh, 'stripe', 'Pay');
  await fresh.sees(page.getByText(say('orders.is_paid')));
  await fresh.open('/subscription');
  await fresh.sees(page.getByText(say('subscriptions.is_active')));
  await fresh.look();

  const overdue = await newcomer();
  await logIn(overdue, 'xupeng', DEMONSTRATION_PASSWORD);
  await overdue.open('/subscription');
  await expect(overdue.page.getByText(say('subscriptions.is_past_due'))).toBeVisible();
  await overdue.press(say('subscriptions.pay_now'));
  await expect(overdue.page).toHaveURL(/\/orders\//);
  const due = overdue.page.url();
  await begin(overdue, 'alipay');
  await payAtBank(overdue, 'alipay', 'Pay');
  expect(new URL(overdue.page.url()).pathname).toBe(new URL(due).pathname);
  await overdue.sees(overdue.page.getByText(say('orders.is_paid')));
  await overdue.open('/subscription');
  await overdue.sees(overdue.page.getByText(say('subscriptions.is_active')));
});

test('payout: an author asks, two people approve, the bank pays and sends it back', async ({ newcomer }) => {
  const [author, first, second] = [await newcomer(), await newcomer(), await newcomer()];
  const { say } = author;
  await logIn(author, 'linxiaoyu', DEMONSTRATION_PASSWORD);
  await author.open('/earnings');
  await author.fill(say('payouts.amount'), '10');
  await author.fill(say('payouts.holder'), 'Lin Xiaoyu');
  await author.fill(say('payouts.bank'), 'Bank of the River, 6222 0000 0000 0001');
  await author.press(say('payouts.request'));
  await author.sees(author.page.getByText(say('payouts.state_requested')));
  await author.look();

  await logIn(first, 'steward', DEMONSTRATION_PASSWORD);
  await first.open('/admin?search=chenwei');
  await first.press(say('accounts.give_admin'));
  await first.ready();
  await logIn(second, 'chenwei', DEMONSTRATION_PASSWORD);
  await first.open('/admin/payouts');
  // The world has payouts of its own that wait.
  const row = (person: Person) => person.page.getByRole('listitem').filter({ hasText: 'Lin Xiaoyu' });
  await row(first).getByRole('button', { name: say('payouts.approve'), exact: true }).click();
  await expect(row(first).getByText(say('payouts.approvals', 1))).toBeVisible();
  await second.open('/admin/payouts');
  await row(second).getByRole('button', { name: say('payouts.approve'), exact: true }).click();
  await expect(row(second).getByText(say('payouts.state_approved'))).toBeVisible();
  const loading = second.page.waitForEvent('download');
  await second.press(say('payouts.export'));
  expect((await loading).suggestedFilename()).toBe('payouts.csv');
  await second.open('/admin/payouts');
  await row(second).getByRole('button', { name: say('payouts.paid'), exact: true }).click();
  await expect(row(second).getByText(say('payouts.state_paid'))).toBeVisible();
  await row(second).getByRole('button', { name: say('payouts.returned'), exact: true }).click();
  const dialog = second.page.getByRole('dialog');
  await expect(dialog).toContainText('linxiaoyu');
  await dialog.getByLabel(say('payouts.reason')).fill('No such account');
  await second.look();
  await dialog.getByRole('button', { name: say('payouts.returned'), exact: true }).click();
  await expect(row(second).getByText(say('payouts.state_failed'))).toBeVisible();
  await author.open('/earnings');
  await expect(author.page.getByText('No such account').first()).toBeVisible();
});

/** Orders the course; gives the path of the order. */
async function reserve(person: Person): Promise<string> {
  await person.open(course);
  await person.pressLike('courses.buy');
  await expect(person.page.getByText(person.say('orders.is_held'))).toBeVisible();
  await expect(person.page).toHaveURL(/\/orders\//);
  return new URL(person.page.url()).pathname;
}

/** Chooses where to pay, on the page of an order. */
async function begin(person: Person, gateway: string): Promise<void> {
  const name = person.say(`payments.${gateway}`);
  await person.page.getByRole('main').getByRole('button', { name }).click();
}

/** Pays or declines on the gateway's own page; a code is scanned with a second window. */
async function payAtBank(person: Person, gateway: string, choice: 'Pay' | 'Decline'): Promise<void> {
  const { page, server } = person;
  if (gateway !== 'wechatpay') {
    await page.waitForURL((url) => url.href.startsWith(server.bankUrl), { timeout: 20_000 });
    await page.getByRole('button', { name: choice, exact: true }).click();
    await page.waitForURL((url) => url.href.startsWith(server.url));
    return;
  }
  await expect(page.getByRole('img', { name: person.say('payments.square') })).toBeVisible();
  await person.look();
  const phone: Page = await page.context().newPage();
  await phone.goto(server.bankUrl);
  await phone.getByRole('listitem').filter({ hasText: 'waits to be paid' }).getByRole('link', { name: /^wechat/ }).first().click();
  await phone.getByRole('button', { name: choice, exact: true }).click();
  // The phone stays open: a window that is closed while its page comes may never close.
  await phone.waitForLoadState('load');
  await person.sees(page.getByText(person.say('payments.confirmed')));
}

/** Comes back from the gateway's own page without having paid. */
async function leaveBank(person: Person): Promise<void> {
  const { page, server } = person;
  await page.waitForURL((url) => url.href.startsWith(server.bankUrl), { timeout: 20_000 });
  await page.getByRole('link', { name: 'Back to the shop' }).click();
  await page.waitForURL((url) => url.href.startsWith(server.url));
  await person.ready();
}
