// What every person does: make an account, log in and out, become somebody.
import { expect } from '@playwright/test';
import type { Person } from './test.ts';

/** The password of everybody who lives in the demonstration world. */
export const DEMONSTRATION_PASSWORD = 'open-stage-demo';
export const PASSWORD = 'seven quiet herons wade';

/** Makes an account through the page, and is logged in afterwards. */
export async function register(person: Person, username: string): Promise<void> {
  await person.open('/register');
  await person.fill(person.say('accounts.username'), username);
  await person.fill(person.say('accounts.email'), `${username}@example.org`);
  await person.fill(person.say('accounts.password'), PASSWORD);
  await person.press(person.say('accounts.register'));
  await loggedIn(person);
}

/** Logs in through the page with either name. */
export async function logIn(person: Person, name: string, password = PASSWORD): Promise<void> {
  await person.open('/log-in');
  await person.fill(person.say('accounts.name'), name);
  await person.fill(person.say('accounts.password'), password);
  await person.page.getByRole('main').getByRole('button', { name: person.say('accounts.log_in') }).click();
  await loggedIn(person);
}

/** Becomes the administrator of an installation without one, by the address that the server printed. */
export async function setUp(person: Person, username: string): Promise<void> {
  const token = /set-up\?token=(\S+)/.exec(person.server.printed())?.[1];
  if (!token) throw new Error(`no set-up address in:\n${person.server.printed()}`);
  await person.open(`/set-up?token=${token}`);
  await person.fill(person.say('accounts.username'), username);
  await person.fill(person.say('accounts.email'), `${username}@example.org`);
  await person.fill(person.say('accounts.password'), PASSWORD);
  await person.press(person.say('accounts.set_up'));
  await loggedIn(person);
}

/** Waits for the page after logging in: the account's menu stands in the header. */
export async function loggedIn(person: Person): Promise<void> {
  await expect(menu(person)).toBeVisible();
  await person.look();
}

/** The account's menu in the header. */
export function menu(person: Person) {
  return person.page.getByRole('banner').locator('summary');
}
