// Orders before anything was bought, and orders of somebody else.
import { expect, test } from '../support/test.ts';
import { register } from '../support/people.ts';

test('the list of orders says what will appear there', async ({ visitor }) => {
  const { page, say } = visitor;
  await register(visitor, 'thrifty');
  await visitor.open('/orders');
  await expect(page.getByText(say('orders.none_title'))).toBeVisible();
});

test("an order that is not one's own is not there, nor are the pages of staff", async ({ visitor, guard }) => {
  guard.expects(404);
  const { page, say } = visitor;
  await register(visitor, 'curious');
  for (const path of ['/orders/01a1fd67-5b0b-776f-80e6-d0d68fe5ae3c', '/admin/payments', '/admin/jobs']) {
    await visitor.open(path);
    await expect(page.getByText(say('common.not_found_title')).first()).toBeVisible();
  }
});
