// The panel in a real Chromium over a real daemon: each test does what a member of staff does.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { axe, isTooWide, open, picture, shift, startBrowser } from './browser.mjs';
import { canRestart, startDaemon } from './daemon.mjs';

const PATIENCE = 30_000;

let daemon;
let browser;
const faults = [];

before(async () => {
  daemon = await startDaemon();
  browser = await startBrowser(daemon.url);
}, { timeout: 90_000 });

after(async () => {
  await browser?.close();
  await daemon?.stop();
});

/** A page that shows the panel; its faults are counted when it is closed, unless they are wanted. */
async function withPage(options, work) {
  const page = await browser.page(options);
  page.setDefaultTimeout(PATIENCE);
  try {
    await options.prepare?.(page);
    await open(page, daemon.url);
    await work(page);
    if (!options.faulty) faults.push(...page.faults);
  } finally {
    // A faked answer that is on its way must not outlive the page.
    await page.unrouteAll({ behavior: 'wait' });
    await page.context().close();
  }
}

const rows = (page) => page.locator('#list > .row');
const action = (page, name, row = 0) => rows(page).nth(row).locator(`[data-action="${name}"]`);
const until = (page, state, argument) => page.waitForFunction(state, argument, { timeout: PATIENCE });
const untilRows = (page, count) => until(page, (n) => document.querySelectorAll('#list > .row').length === n, count);

/** Makes a backup and waits for its row. */
async function makeBackup(page) {
  const count = await rows(page).count();
  await page.locator('#run-button').click();
  await page.locator('#run[data-result]').waitFor();
  await untilRows(page, count + 1);
}

/** What the API answers, with some of it replaced. */
const fake = (page, path, change) => page.route(`**${path}`, async (route) => {
  const answer = await route.fetch();
  await route.fulfill({ response: answer, json: change(await answer.json()) });
});

describe('the panel', { concurrency: false, timeout: 300_000 }, () => {
  test('shows the sentence, the list and what comes next', () => withPage({}, async (page) => {
    assert.match(await page.locator('#sentence').textContent(), /sauvegarde/);
    assert.match(await page.locator('#verdict').getAttribute('data-state'), /^(good|watch|act)$/);
    assert.ok(await rows(page).count() >= 2, 'the demo begins with two backups');
    assert.match(await page.locator('#facts').textContent(), /Prochaine exécution/);
    assert.match(await page.title(), /Sauvegardes du club/);
    assert.equal(await page.locator('html').getAttribute('lang'), 'fr');
  }));

  test('says for good that the door is open, and has nothing to sign in to or out of', () => withPage({}, async (page) => {
    const notice = page.locator('#open');
    assert.match(await notice.textContent(), /Accès ouvert\s: toute personne de ce réseau.*auth = "password"/);
    assert.equal(await notice.locator('button').count(), 0);
    const [above, below] = await Promise.all([notice.boundingBox(), page.locator('#verdict').boundingBox()]);
    assert.ok(above.y + above.height <= below.y, 'it covers nothing');
    for (const hidden of ['#door', '#setup', '#access', '#sign-out', '#note', '#auto-locked']) {
      assert.equal(await page.locator(hidden).isVisible(), false, hidden);
    }
  }));

  test('speaks English to a browser that asks for it', () => withPage({ locale: 'en-GB' }, async (page) => {
    assert.match(await page.locator('#sentence').textContent(), /backup/i);
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    // What the box itself wrote stays in the language that it is set to.
    await page.evaluate(() => document.querySelectorAll('#journal-lines, #warnings').forEach((one) => one.remove()));
    assert.doesNotMatch(await page.locator('body').innerText(), /panel\.|sauvegarde/i);
    await picture(page, 'home-english');
  }));

  test('makes a backup with live progress, adds its row and writes the journal', () => withPage({}, async (page) => {
    await page.evaluate(() => {
      window.seen = new Set();
      const status = document.getElementById('run-status');
      new MutationObserver(() => window.seen.add(status.textContent)).observe(status, { childList: true });
    });
    const lines = await page.locator('#journal-lines > p:not([data-level="empty"])').count();
    await makeBackup(page);
    assert.equal(await page.locator('#run').getAttribute('data-result'), 'good');
    assert.match(await page.locator('#run-status').textContent(), /terminée et vérifiée/);
    const seen = await page.evaluate(() => [...window.seen]);
    assert.ok(seen.length >= 3, `steps were named: ${seen}`);
    await until(page, (n) => document.querySelectorAll('#journal-lines > p').length > n, lines);
    await picture(page, 'after-a-backup');
  }));

  test('a second browser stays in step', () => withPage({}, (one) => withPage({}, async (two) => {
    const count = await rows(two).count();
    await makeBackup(one);
    await untilRows(two, count + 1);
    await two.locator('#run[data-result="good"]').waitFor();
  })));

  test('a page opened during a run joins it', () => withPage({}, async (page) => {
    await page.route('**/api/jobs', (route) => route.fulfill({
      json: { jobs: [{ id: 'backup-000000000000-00000001', kind: 'backup', state: 'running', step: 'write' }] },
    }));
    await page.route('**/api/jobs/backup-*', (route) => route.fulfill({
      json: { id: 'backup-000000000000-00000001', kind: 'backup', state: 'running', step: 'write', log: [] },
    }));
    await open(page, daemon.url);
    await until(page, () => document.querySelector('#run-status').textContent.includes('Écriture'));
    assert.equal(await page.locator('#run-button').getAttribute('aria-disabled'), 'true');
  }));

  test('downloads a gzip of the right name', () => withPage({}, async (page) => {
    const link = action(page, 'download');
    const name = await rows(page).first().getAttribute('data-name');
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    assert.equal(download.suggestedFilename(), name);
    const content = await readFile(await download.path());
    assert.deepEqual([...content.subarray(0, 2)], [0x1f, 0x8b]);
  }));

  test('pins and releases', () => withPage({}, async (page) => {
    const badge = rows(page).first().locator('.badge[data-state="kept"]');
    await action(page, 'pin').click();
    await badge.waitFor();
    await action(page, 'delete').waitFor({ state: 'hidden' });
    await action(page, 'unpin').click();
    await badge.waitFor({ state: 'hidden' });
    await action(page, 'delete').waitFor();
    await until(page, () => document.querySelector('#announce').textContent !== '');
  }));

  test('verifies and says so', () => withPage({}, async (page) => {
    await action(page, 'verify').click();
    await until(page, () => /relue en entier/.test(document.querySelector('#announce').textContent));
    assert.equal(await rows(page).first().locator('.badge').first().getAttribute('data-state'), 'good');
  }));

  test('an error stands beside what caused it', () => withPage({ faulty: true }, async (page) => {
    await page.route('**/verify', (route) => route.fulfill({
      status: 503, json: { success: false, code: 'busy', message: 'La carte est occupée.' },
    }));
    await action(page, 'verify', 1).click();
    await rows(page).nth(1).locator('.error', { hasText: 'La carte est occupée.' }).waitFor();
  }));

  test('deletes only after asking, by mouse', () => withPage({}, async (page) => {
    await makeBackup(page);
    const count = await rows(page).count();
    const name = await rows(page).first().getAttribute('data-name');
    await action(page, 'delete').click();
    assert.match(await page.locator('#removal-title').textContent(), /Supprimer la sauvegarde du .+\s\d\d:\d\d/);
    assert.match(await page.locator('#removal-text').textContent(), /Il restera \d+ sauvegarde/);
    await page.locator('#removal-cancel').click();
    assert.equal(await rows(page).count(), count);
    await action(page, 'delete').click();
    await page.locator('#removal-confirm').click();
    await untilRows(page, count - 1);
    assert.equal(await page.locator(`[data-name="${name}"]`).count(), 0);
  }));

  test('deletes by keyboard alone; Escape and Enter on the first button do no harm', () => withPage({}, async (page) => {
    await makeBackup(page);
    const count = await rows(page).count();
    const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.dataset.action);
    await page.locator('#list-title').focus();
    for (let press = 0; press < 5; press += 1) await page.keyboard.press('Tab');
    assert.equal(await focused(), 'delete');
    await page.keyboard.press('Enter');
    assert.equal(await focused(), 'removal-cancel');
    await page.keyboard.press('Escape');
    assert.equal(await focused(), 'delete');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await page.locator('#removal').waitFor({ state: 'hidden' });
    assert.equal(await rows(page).count(), count);
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'removal-confirm');
    await page.keyboard.press('Enter');
    await untilRows(page, count - 1);
    await until(page, () => document.activeElement.dataset.action === 'delete');
  }));

  test('the last good backup goes only with the word', () => withPage({
    prepare: (page) => fake(page, '/api/backups', (answer) => ({
      ...answer, backups: answer.backups.slice(0, 1).map((one) => ({ ...one, verification: 'verified' })), total: 1,
    })),
  }, async (page) => {
    let deleted = 0;
    await page.route('**/api/backups/backup-*', (route) => {
      deleted += 1;
      return route.fulfill({ json: { success: true } });
    });
    await action(page, 'delete').click();
    await page.locator('#removal-confirm').click();
    assert.match(await page.locator('#removal-error').textContent(), /SUPPRIMER/);
    assert.deepEqual(await axe(page), []);
    await picture(page, 'dialog-last-good');
    assert.equal(deleted, 0);
    await page.locator('#removal-input').fill('supprimer');
    await page.keyboard.press('Enter');
    await page.locator('#removal').waitFor({ state: 'hidden' });
    assert.equal(deleted, 1);
  }));

  test('switches the automatic backup off and on, and shows the truth', () => withPage({}, (page) => withPage({}, async (other) => {
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

  test('the switch falls back when the box refuses', () => withPage({ faulty: true }, async (page) => {
    await page.route('**/auto-toggle', (route) => route.fulfill({
      status: 503, json: { success: false, code: 'systemd_away', message: 'systemd ne répond pas.' },
    }));
    await page.locator('#auto-switch').click();
    await page.locator('#auto-error', { hasText: 'systemd ne répond pas.' }).waitFor();
    assert.equal(await page.locator('#auto-switch').getAttribute('aria-checked'), 'true');
  }));

  test('copies the journal', () => withPage({ permissions: ['clipboard-read'] }, async (page) => {
    await page.locator('#journal-copy').click();
    await until(page, () => document.querySelector('#journal-copy').textContent === 'Copié');
  }));

  test('says what is wrong: a failed run, a damaged archive, no archive', async () => {
    const cases = {
      failed: [(a) => ({ ...a, status: { ...a.status, success: false, error: 'La carte est pleine.' } }), 'act', /a échoué$/],
      damaged: [(a) => ({ ...a, backups: a.backups.map((one, n) => (n ? one : { ...one, verification: 'damaged', problem: 'L\'empreinte diffère.' })) }), 'act', /abîmée\s: L'empreinte diffère$/],
      none: [() => ({ backups: [], status: null, total: 0, totalSize: 0 }), 'watch', /Aucune sauvegarde/],
    };
    for (const [name, [change, state, words]] of Object.entries(cases)) {
      await withPage({ width: 360, height: 780, prepare: (page) => fake(page, '/api/backups', change) }, async (page) => {
        assert.match(await page.locator('#sentence').textContent(), words);
        assert.equal(await page.locator('#verdict').getAttribute('data-state'), state);
        assert.deepEqual(await axe(page), []);
        await picture(page, `home-${name}`);
        if (name === 'failed') assert.equal(await page.locator('#advice').textContent(), 'La carte est pleine.');
      });
    }
  });

  test('text of the box is never taken for HTML', () => withPage({
    prepare: (page) => fake(page, '/api/backups', (answer) => ({
      ...answer, status: { ...answer.status, warnings: ['<img src=x onerror=alert(1)>'] },
    })),
  }, async (page) => {
    assert.match(await page.locator('#warnings').textContent(), /<img src=x/);
    assert.equal(await page.locator('img').count(), 0);
  }));

  test('a file of the page that does not come is asked for again', () => {
    let missed = false;
    return withPage({
      faulty: true,
      prepare: (page) => page.route('**/list.js', (route) => {
        if (missed) return route.continue();
        missed = true;
        return route.abort();
      }),
    }, async (page) => {
      assert.equal(missed, true);
      assert.ok(await rows(page).count() >= 2);
    });
  });

  test('10,000 archives stay quick', () => withPage({
    prepare: (page) => fake(page, '/api/backups', (answer) => {
      const backups = Array.from({ length: 10_000 }, (_, n) => ({ ...answer.backups[0], name: `backup-${n}` }));
      return { ...answer, backups, total: 10_000 };
    }),
  }, async (page) => {
    assert.equal(await rows(page).count(), 50);
    assert.match(await page.locator('#list-total').textContent(), /^10\s000 sauvegardes/);
    await page.locator('#list-more').click();
    assert.equal(await rows(page).count(), 100);
    const ready = await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime);
    assert.ok(ready < 3000, `painted after ${ready} ms`);
  }));

  for (const scheme of ['light', 'dark']) {
    for (const [width, height] of [[360, 780], [768, 1024], [1440, 900]]) {
      test(`${width} px, ${scheme}: accessible, no wider than the window, nothing jumps`, () => withPage({ width, height, scheme }, async (page) => {
        await page.waitForLoadState('load');
        assert.deepEqual(await axe(page), []);
        assert.equal(await isTooWide(page), false);
        await picture(page, `home-${width}-${scheme}`);
        await action(page, 'delete').click();
        assert.deepEqual(await axe(page), []);
        assert.equal(await isTooWide(page), false);
        await picture(page, `dialog-${width}-${scheme}`);
        await page.keyboard.press('Escape');
        assert.equal(await shift(page), 0);
      }));
    }
  }

  test('no page jumps while a run reports', () => withPage({}, async (page) => {
    const answer = await page.evaluate(() => fetch('/api/backups').then((one) => one.json()));
    await page.route('**/api/backups', (route) => route.fulfill({ json: answer })); // a new row may move the others
    await page.locator('#run-button').click();
    await page.locator('#run[data-result]').waitFor();
    assert.equal(await shift(page), 0);
  }));

  test('a lost connection says so and recovers by itself', { skip: !canRestart }, () => withPage({ faulty: true }, async (page) => {
    await daemon.stop();
    await page.locator('#banner', { hasText: 'Connexion au boîtier perdue' }).waitFor();
    const [banner, notice] = await Promise.all([page.locator('#banner').boundingBox(), page.locator('#open').boundingBox()]);
    assert.ok(banner.y + banner.height <= notice.y, 'both can be read');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'connection-lost');
    await daemon.start();
    await page.locator('#banner').waitFor({ state: 'hidden' });
    const count = (await (await fetch(`${daemon.url}api/backups`)).json()).total;
    await untilRows(page, count);
    await makeBackup(page);
  }));

  test('no error in the console, nothing asked of other origins', () => {
    assert.deepEqual(faults, []);
  });
});
