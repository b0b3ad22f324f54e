// The automatic backup, its hour, and how long backups are kept.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { axe, picture } from './browser.mjs';
import { fake, focused, startDemo, tabTo, testEveryForm } from './demo.mjs';

let demo;
let visit;
before(async () => {
  demo = await startDemo();
  visit = (options, work) => demo.visit({ address: '#automatic', ...options }, async (page) => {
    await page.locator('#auto-next', { hasText: /./ }).waitFor();
    await page.locator('#retention-effect', { hasText: /./ }).waitFor();
    await work(page);
  });
}, { timeout: 90_000 });
after(() => demo?.end());

const field = (page, rule) => page.locator(`#retention-${rule}`);
const effect = (page, text) => page.locator('#retention-effect', { hasText: text }).waitFor();

describe('automatic', { concurrency: false, timeout: 300_000 }, () => {
  test('is switched off and on, and shows the truth, in another browser too', () => visit({}, (page) => visit({}, async (other) => {
    const checked = (one, value) => one.locator(`#auto-switch[aria-checked="${value}"]:not([aria-disabled])`).waitFor();
    await checked(page, true);
    await page.locator('#auto-switch').focus();
    await page.keyboard.press('Space');
    await checked(page, false);
    await checked(other, false);
    assert.match(await page.locator('#auto-next').textContent(), /Aucune sauvegarde/);
    await page.locator('#auto-switch').click();
    await checked(page, true);
    await checked(other, true);
    assert.match(await page.locator('#auto-next').textContent(), /Prochaine/);
  })));

  test('the switch falls back when the box refuses', () => visit({ faulty: true }, async (page) => {
    await page.route('**/auto-toggle', (route) => route.fulfill({
      status: 503, json: { success: false, code: 'systemd_away', message: 'systemd ne répond pas.' },
    }));
    await page.locator('#auto-switch').click();
    await page.locator('#auto-error', { hasText: 'systemd ne répond pas.' }).waitFor();
    assert.equal(await page.locator('#auto-switch').getAttribute('aria-checked'), 'true');
  }));

  test('says whose word it is', async () => {
    await visit({}, async (page) => assert.match(await page.locator('#auto-truth').textContent(), /lance lui-même/));
    await visit({ prepare: (page) => fake(page, '/api/schedule', (told) => ({ ...told, manager: 'systemd', word: 'active (waiting)' })) }, async (page) => {
      assert.match(await page.locator('#auto-truth').textContent(), /systemd.*active \(waiting\)/);
    });
  });

  test('numbers that are not known yet cannot be typed over', () => {
    let answer;
    const held = new Promise((resolve) => { answer = resolve; });
    return demo.visit({
      address: '#automatic',
      prepare: (page) => page.route('**/api/retention', async (route) => {
        await held;
        await route.continue();
      }),
    }, async (page) => {
      await field(page, 'days').waitFor();
      assert.equal(await field(page, 'days').isDisabled(), true);
      answer();
      await effect(page, /./);
      assert.equal(await field(page, 'days').isDisabled(), false);
    });
  });

  test('the hour is changed by keyboard, in every browser, and survives a reload', () => visit({}, (page) => visit({}, async (other) => {
    await page.locator('#auto-switch').focus();
    await tabTo(page, '#hour', 3);
    await page.locator('#hour').fill('18:30');
    await page.keyboard.press('Enter');
    await page.locator('#hour-done', { hasText: '18:30' }).waitFor();
    await page.locator('#auto-next', { hasText: '18:30' }).waitFor();
    await other.locator('#auto-next', { hasText: '18:30' }).waitFor();
    assert.equal(await other.locator('#hour').inputValue(), '18:30');
    await picture(page, 'hour-changed');
    await page.locator('#hour').fill('03:00');
    await page.keyboard.press('Enter');
    await page.locator('#auto-next', { hasText: '03:00' }).waitFor();
  })));

  test('an hour that the box refuses is said beside it', () => visit({ faulty: true }, async (page) => {
    await page.route('**/api/schedule', (route) => (route.request().method() === 'PUT'
      ? route.fulfill({ status: 503, json: { success: false, code: 'systemd_away', message: 'systemd ne répond pas.' } }) : route.continue()));
    await page.locator('#hour-form [type="submit"]').click();
    await page.locator('#hour-error', { hasText: 'systemd ne répond pas.' }).waitFor();
  }));

  test('what would go is seen before it is saved, and nothing goes by saving', () => visit({}, async (page) => {
    const before = await (await fetch(`${demo.daemon.url}api/backups`)).json();
    await effect(page, 'rien ne serait effacé');
    await field(page, 'days').fill('30');
    await page.waitForResponse((response) => response.url().includes('days=30'));
    await page.locator('#retention-save').click();
    await page.locator('#retention-done', { hasText: 'Enregistré' }).waitFor();
    await page.reload();
    await effect(page, /./);
    assert.equal(await field(page, 'days').inputValue(), '30');
    const after = await (await fetch(`${demo.daemon.url}api/backups`)).json();
    assert.equal(after.total, before.total);
    await field(page, 'days').fill('7');
    await page.keyboard.press('Enter');
    await page.locator('#retention-done', { hasText: 'Enregistré' }).waitFor();
  }));

  test('names what would go', () => visit({
    prepare: (page) => fake(page, '/api/retention', (told) => ({
      ...told,
      preview: { kept: 3, goes: Array.from({ length: 9 }, (_, n) => ({ name: 'x', date: `2024-12-${10 + n} 03:00:00`, sizeBytes: 2048 })), goes_total: 9, freed_bytes: 18432 },
    })),
  }, async (page) => {
    await effect(page, '9 sauvegardes seraient effacées');
    assert.equal(await page.locator('#retention-goes > li').count(), 6);
    assert.match(await page.locator('#retention-goes').innerText(), /mardi 10 décembre 2024 à\s03:00 · 2,0\sko/);
    await picture(page, 'retention-goes');
  }));

  test('a number that cannot be is refused beside the form, and the reader is put there', () => visit({ faulty: true }, async (page) => {
    for (const wrong of ['0', '9999', '']) {
      await field(page, 'days').fill(wrong);
      await page.locator('#retention-save').click();
      await page.locator('#retention-error', { hasText: /Jours où tout est gardé\s: entre 1 et 3\s650/ }).waitFor();
      assert.equal(await focused(page), 'retention-days');
    }
    assert.deepEqual(await axe(page), []);
    await field(page, 'days').fill('7');
    await page.locator('#retention-error').waitFor({ state: 'hidden' });
  }));

  test('what the configuration fixes cannot be changed, and says where it is fixed', () => visit({
    prepare: async (page) => {
      await fake(page, '/api/retention', (told) => ({ ...told, locked: { days: { file: '/etc/neopro-backup/config.toml', line: 12 } } }));
      await fake(page, '/api/schedule', (told) => ({ ...told, locked: { file: '/etc/neopro-backup/config.toml', line: 20 } }));
    },
  }, async (page) => {
    assert.equal(await field(page, 'days').isDisabled(), true);
    assert.match(await page.locator('#retention-days-hint').textContent(), /config\.toml, ligne 12/);
    assert.equal(await page.locator('#hour').isDisabled(), true);
    assert.match(await page.locator('#hour-hint').textContent(), /config\.toml, ligne 20/);
    assert.deepEqual(await axe(page), []);
    await picture(page, 'automatic-locked');
  }));

  testEveryForm('automatic', (...visitor) => visit(...visitor));

  test('no error in the console, nothing asked of other origins', () => assert.deepEqual(demo.faults, []));
});
