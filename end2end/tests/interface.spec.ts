// What every page shares: menu, dialog, message, language and theme, by keyboard alone.
import { expect, test } from '../support/test.ts';
import { menu, register } from '../support/people.ts';

test('the menu of the account works by keyboard alone', async ({ visitor, combination }) => {
  const { page, say } = visitor;
  await register(visitor, 'keyboardist');
  await menu(visitor).focus();
  await page.keyboard.press('Enter');
  const items = page.getByRole('banner').locator('.menu ul');
  await expect(items).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(items.getByRole('link').first()).toBeFocused();
  if (combination.scripts) {
    await page.keyboard.press('Escape');
    await expect(items).toBeHidden();
    await expect(menu(visitor)).toBeFocused();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Enter');
  await visitor.heading('keyboardist');
  expect(say('common.my_page')).not.toBe('');
});

test('a dialog opens and closes by keyboard, and gives the focus back', async ({ visitor }) => {
  const { page, say } = visitor;
  await visitor.open('/gallery');
  const opener = page.locator('[popovertarget="gallery-dialog"]:not(.dialog *)').first();
  const dialog = page.getByRole('dialog', { name: say('gallery.dialog') });
  await opener.focus();
  await page.keyboard.press('Enter');
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(dialog.getByRole('button').first()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
});

// Without scripts pages say it in their text.
test('a message floats until it is sent away', { tag: '@scripts' }, async ({ visitor }) => {
  const { page, say } = visitor;
  await visitor.open('/gallery');
  await visitor.press(say('gallery.toast_show'));
  const toast = page.locator('.toast');
  await expect(toast).toBeVisible();
  await visitor.look();
  await toast.getByRole('button', { name: say('gallery.close') }).press('Enter');
  await expect(toast).toHaveCount(0);
});

test('the language is remembered, and the switch keeps the page', async ({ visitor, combination }) => {
  const { page, server } = visitor;
  const other = combination.language === 'en' ? 'zh' : 'en';
  await visitor.open('/courses?level=beginner');
  await page.getByRole('banner').getByRole('link', { name: other === 'zh' ? '中文' : 'English' }).click();
  await page.waitForURL(`${server.url}/${other}/courses?level=beginner`);
  await visitor.ready();
  await page.goto(server.url);
  await page.waitForURL(`${server.url}/${other}`);
  await expect(page.locator('html')).toHaveAttribute('lang', other === 'zh' ? /^zh/ : /^en/);
});

test('who asks for less motion gets none', async ({ visitor }) => {
  const { page } = visitor;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await visitor.open('/gallery');
  const running = await page.evaluate(() =>
    document.getAnimations().filter((animation) => animation.playState === 'running' && Number(animation.effect?.getComputedTiming().duration ?? 0) > 1).length,
  );
  expect(running).toBe(0);
});
