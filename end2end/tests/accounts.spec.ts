// A person comes, makes an account, goes, and comes back.
import { expect, test } from '../support/test.ts';
import { PASSWORD, logIn, menu, register } from '../support/people.ts';

test('a person registers, logs out and logs in with the e-mail address', async ({ visitor }) => {
  const { page, say } = visitor;
  await register(visitor, 'mulan');
  await menu(visitor).click();
  await visitor.press(say('common.log_out'));
  await expect(menu(visitor)).toHaveCount(0);
  await logIn(visitor, 'mulan@example.org');
  await visitor.open('/settings');
  await visitor.fill(say('accounts.city'), 'Luoyang');
  await visitor.press(say('accounts.save_profile'));
  await visitor.ready();
  await visitor.open('/people/mulan');
  await expect(page.getByText('Luoyang')).toBeVisible();
});

test('a refused form says why beside the field and keeps what was typed, but no password', async ({
  visitor,
  guard,
}) => {
  const { page, say } = visitor;
  guard.expects(422);
  await visitor.open('/register');
  await visitor.fill(say('accounts.username'), 'two words');
  await visitor.fill(say('accounts.email'), 'someone@example.org');
  await visitor.fill(say('accounts.password'), PASSWORD);
  await visitor.press(say('accounts.register'));
  await expect(page.getByText(say('accounts.fault.username_shape'))).toBeVisible();
  await visitor.look();
  await expect(page.getByLabel(say('accounts.username'), { exact: true })).toHaveValue('two words');
  await expect(page.getByLabel(say('accounts.email'), { exact: true })).toHaveValue('someone@example.org');
  await expect(page.getByLabel(say('accounts.password'), { exact: true })).toHaveValue('');
});

test('a wrong password is refused without telling whether the name exists', async ({ visitor, guard }) => {
  const { page, say } = visitor;
  guard.expects(422, 403);
  await visitor.open('/log-in');
  await visitor.fill(say('accounts.name'), 'nobody-at-all');
  await visitor.fill(say('accounts.password'), PASSWORD);
  await page.getByRole('main').getByRole('button', { name: say('accounts.log_in') }).click();
  await expect(page.getByText(say('accounts.fault.log_in_refused')).first()).toBeVisible();
});

test('the theme is remembered without an account', async ({ visitor }) => {
  const { page, say } = visitor;
  await visitor.open('/');
  await visitor.press(say('common.theme_dark'));
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await visitor.look();
  await visitor.open('/log-in');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});
