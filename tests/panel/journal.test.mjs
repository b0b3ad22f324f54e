// The journal: live, filtered, copied, downloaded.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { picture } from './browser.mjs';
import { fake, startDemo, tabTo, testEveryForm, until } from './demo.mjs';

let demo;
let visit;
before(async () => {
  demo = await startDemo();
  visit = (options, work) => demo.visit({ address: '#journal', ...options }, async (page) => {
    await page.locator('#journal-lines > div').first().waitFor();
    await work(page);
  });
}, { timeout: 90_000 });
after(() => demo?.end());

const lines = (page) => page.locator('#journal-lines > div');
const entry = (level, text) => ({ at: '2026-11-28T03:00:07+01:00', level, text });

describe('the journal', { concurrency: false, timeout: 300_000 }, () => {
  test('has what the backups have done, to the second, and grows while one is made', () => visit({}, async (page) => {
    assert.match(await lines(page).first().textContent(), /^\d\d\/\d\d \d\d:\d\d:\d\d /);
    const before = await lines(page).count();
    const backup = await fetch(`${demo.daemon.url}api/backups/create`, { method: 'POST' });
    assert.equal(backup.status, 200);
    await until(page, (count) => document.querySelectorAll('#journal-lines > div').length > count, before);
    const place = page.locator('#journal-lines');
    assert.ok(await place.evaluate((one) => one.scrollHeight - one.scrollTop - one.clientHeight < 4), 'the newest is in sight');
  }));

  test('shows what is at least a warning, or an error, by keyboard', () => visit({
    prepare: (page) => page.route('**/api/journal?*', (route) => {
      const least = new URL(route.request().url()).searchParams.get('level');
      const all = [entry('info', 'Tout va bien.'), entry('warning', 'site.conf : absent.'), entry('error', '<b>La carte est pleine.</b>')];
      const levels = ['info', 'warning', 'error'];
      return route.fulfill({ json: { entries: all.filter(({ level }) => levels.indexOf(level) >= levels.indexOf(least)), complete: true } });
    }),
  }, async (page) => {
    assert.equal(await lines(page).count(), 3);
    assert.match(await lines(page).nth(2).textContent(), /28\/11 03:00:07 erreur <b>La carte/);
    await picture(page, 'journal-levels');
    await page.locator('#journal-download').focus();
    await tabTo(page, '[name="level"]', 1);
    await page.keyboard.press('ArrowRight');
    await until(page, () => document.querySelectorAll('#journal-lines > div').length === 2);
    await page.keyboard.press('ArrowRight');
    await until(page, () => document.querySelectorAll('#journal-lines > div').length === 1);
  }));

  test('an empty one says what will be written in it', () => visit({
    prepare: (page) => fake(page, '/api/journal', (told) => ({ ...told, entries: [] })),
  }, async (page) => {
    assert.match(await page.locator('#journal-lines').textContent(), /Rien pour l’instant/);
  }));

  test('is copied', () => visit({ permissions: ['clipboard-read'] }, async (page) => {
    await page.locator('#journal-copy').click();
    await until(page, () => document.querySelector('#journal-copy').textContent === 'Copié');
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied.split('\n').length, await lines(page).count());
  }));

  test('is downloaded whole', () => visit({}, async (page) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#journal-download').click()]);
    assert.equal(download.suggestedFilename(), 'neopro-backup-journal.log');
    assert.match(await readFile(await download.path(), 'utf8'), /^\d{4}-\d\d-\d\dT\S+ (INFO|WARNING|ERROR) /);
  }));

  test('that cannot be read says so', () => visit({
    faulty: true,
    prepare: (page) => page.route('**/api/journal?*', (route) => (page.broken
      ? route.fulfill({ status: 500, json: { success: false, code: 'internal', message: 'La carte ne répond pas.' } }) : route.continue())),
  }, async (page) => {
    page.broken = true;
    await page.locator('#journal-level label').nth(1).click();
    await page.locator('#journal-failure', { hasText: 'La carte ne répond pas.' }).waitFor();
  }));

  testEveryForm('journal', (...visitor) => visit(...visitor));

  test('no error in the console, nothing asked of other origins', () => assert.deepEqual(demo.faults, []));
});
