// The list: making, finding, downloading, keeping, verifying and deleting.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { axe, picture } from './browser.mjs';
import {
  action, fake, focused, look, makeBackup, reload, rows, startDemo, tabTo, testEveryForm, until, untilRows,
} from './demo.mjs';

let demo;
let visit;
before(async () => {
  demo = await startDemo();
  const listed = async (page) => { await rows(page).first().waitFor(); };
  visit = ({ ready = listed, ...options }, work) => demo.visit({ address: '#backups', ...options }, async (page) => {
    await ready(page);
    await work(page);
  });
}, { timeout: 90_000 });
after(() => demo?.end());

/** So many archives, of which the first ones are as these are. */
const many = (count) => (page) => page.route((url) => url.pathname === '/api/backups', async (route) => {
  const answer = await route.fetch();
  const told = await answer.json();
  page.model ??= told.backups[0];
  const query = new URL(route.request().url()).searchParams;
  const [offset, limit] = [Number(query.get('offset') ?? 0), Number(query.get('limit') ?? count)];
  const found = query.get('q') ? 7 : count;
  const backups = Array.from({ length: Math.max(0, Math.min(limit, found - offset)) }, (_, n) => ({ ...page.model, name: `backup-${offset + n}` }));
  await route.fulfill({ response: answer, json: { ...told, backups, total: count, matching: found } });
});

describe('the backups', { concurrency: false, timeout: 300_000 }, () => {
  test('each has its day in words, its size, what it is worth, and why it is kept', () => visit({}, async (page) => {
    assert.ok(await rows(page).count() >= 2, 'the demo begins with two backups');
    const text = await rows(page).first().innerText();
    assert.match(text, /^(Aujourd’hui|Hier) à\s\d\d:\d\d\s+[\d,]+\s(ko|octets) · /);
    assert.match(text, /Vérifiée/);
    assert.match(text, /[Gg]ardée/);
    assert.match(await page.locator('#list-total').textContent(), /^\d+ sauvegardes, /);
  }));

  test('makes one with live progress, and adds its row', () => visit({}, async (page) => {
    await page.evaluate(() => {
      window.seen = new Set();
      const status = document.getElementById('run-status');
      new MutationObserver(() => window.seen.add(status.textContent)).observe(status, { childList: true });
    });
    await makeBackup(page);
    assert.equal(await page.locator('#run').getAttribute('data-result'), 'good');
    assert.match(await page.locator('#run-status').textContent(), /terminée et vérifiée/);
    const seen = await page.evaluate(() => [...window.seen]);
    assert.ok(seen.filter((text) => /^Étape \d sur 7\s: /.test(text)).length >= 2, `steps were named: ${seen}`);
    await picture(page, 'after-a-backup');
  }));

  test('a run that takes long says how far it is, and how long it will take', () => visit({}, async (page) => {
    const job = 'backup-000000000000-00000001';
    const going = { id: job, kind: 'backup', state: 'running', step: 'write', log: [] };
    await page.route('**/api/jobs', (route) => route.fulfill({ json: { jobs: [going] } }));
    await page.route(`**/api/jobs/${job}`, (route) => route.fulfill({ json: going }));
    await page.route('**/api/events', async (route) => {
      const event = (fact, seq) => `event: job\ndata: ${JSON.stringify({ job, seq, at: new Date().toISOString(), ...fact })}\n\n`;
      await new Promise((resolve) => { setTimeout(resolve, 3500); });
      await route.fulfill({ contentType: 'text/event-stream', body: event({ event: 'step', step: 'write' }, 1)
        + event({ event: 'progress', bytes: 512 << 20, files: 12, total_bytes: 1 << 30, total_files: 40 }, 2) });
    });
    await reload(page);
    await page.locator('#run-figures', { hasText: /512,0\sMo sur 1,0\sGo · 12 sur 40 fichiers · encore / }).waitFor();
    assert.equal(await page.locator('#run-status').textContent(), 'Étape 4 sur 7\u00a0: Écriture de la sauvegarde');
    assert.equal(await page.locator('#run-button').getAttribute('aria-disabled'), 'true');
    const value = await page.locator('#run-progress').evaluate((bar) => bar.value);
    assert.ok(value > 0.4 && value < 0.5, `${value}`);
    await picture(page, 'run-going');
  }));

  test('finds by words, in either language, and says when there is nothing', () => visit({}, async (page) => {
    const count = await rows(page).count();
    const day = await page.evaluate(() => new Intl.DateTimeFormat('fr', { day: 'numeric', month: 'long' }).format(new Date()));
    await page.locator('#search-words').fill(day.normalize('NFD').replace(/[\u0300-\u036f]/g, ''));
    await page.locator('#search-found', { hasText: /trouvée/ }).waitFor();
    assert.ok(await rows(page).count() >= 1);
    await page.locator('#search-words').fill('31 février 1999');
    await page.locator('#list-empty:visible').waitFor();
    assert.match(await page.locator('#list-empty').textContent(), /Aucune sauvegarde ne correspond/);
    assert.deepEqual(await axe(page), []);
    await picture(page, 'search-nothing');
    await page.locator('#list-empty button').click();
    await untilRows(page, count);
    assert.equal(await focused(page), 'search-words');
    assert.equal(await page.locator('#search-words').inputValue(), '');
  }));

  test('shows only those that are kept, or that are to be watched, by keyboard', () => visit({}, async (page) => {
    const count = await rows(page).count();
    await action(page, 'pin').click();
    await action(page, 'unpin').waitFor();
    await page.locator('#search-words').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await page.evaluate(() => document.activeElement.value), 'pinned');
    await untilRows(page, 1);
    await page.keyboard.press('ArrowLeft');
    await page.locator('#list-empty:visible').waitFor();
    await page.keyboard.press('ArrowLeft');
    await untilRows(page, count);
    await action(page, 'unpin').click();
    await action(page, 'pin').first().waitFor();
  }));

  test('an answer that comes late is not shown for another question', () => visit({}, async (page) => {
    const count = await rows(page).count();
    let release;
    const held = new Promise((resolve) => { release = resolve; });
    await page.route((url) => url.searchParams.get('q') === 'rien', async (route) => {
      const answer = await route.fetch();
      await held;
      await route.fulfill({ response: answer });
    });
    const asked = page.waitForRequest((request) => request.url().includes('q=rien'));
    await page.locator('#search-words').fill('rien');
    await asked;
    const late = page.waitForResponse((response) => response.url().includes('q=rien'));
    const again = page.waitForResponse((response) => response.url().includes('q=tar'));
    await page.locator('#search-words').fill('tar');
    await again;
    release();
    await late;
    await page.evaluate(() => new Promise((resolve) => { setTimeout(resolve, 100); }));
    assert.equal(await page.locator('#search-words').inputValue(), 'tar');
    assert.equal(await rows(page).count() <= count, true);
    assert.equal(await page.locator('#search-found').textContent().then((text) => /^\d+ sauvegarde/.test(text)), true);
  }));

  test('downloads a gzip of the right name', () => visit({}, async (page) => {
    const name = await rows(page).first().getAttribute('data-name');
    const [download] = await Promise.all([page.waitForEvent('download'), action(page, 'download').click()]);
    assert.equal(download.suggestedFilename(), name);
    const content = await readFile(await download.path());
    assert.deepEqual([...content.subarray(0, 2)], [0x1f, 0x8b]);
  }));

  test('pins and releases', () => visit({}, async (page) => {
    const badge = rows(page).first().locator('.badge[data-state="kept"]');
    await action(page, 'pin').click();
    await badge.waitFor();
    await action(page, 'delete').waitFor({ state: 'hidden' });
    await rows(page).first().locator('.row-kept', { hasText: 'libér' }).waitFor();
    await action(page, 'unpin').click();
    await badge.waitFor({ state: 'hidden' });
    await action(page, 'delete').waitFor();
    await until(page, () => document.querySelector('#announce').textContent !== '');
  }));

  test('verifies and says so', () => visit({}, async (page) => {
    await action(page, 'verify').click();
    await until(page, () => /relue en entier/.test(document.querySelector('#announce').textContent));
    assert.equal(await rows(page).first().locator('.badge').first().getAttribute('data-state'), 'good');
  }));

  test('an error stands beside what caused it', () => visit({ faulty: true }, async (page) => {
    await page.route('**/verify', (route) => route.fulfill({
      status: 503, json: { success: false, code: 'busy', message: 'La carte est occupée.' },
    }));
    await action(page, 'verify', 1).click();
    await rows(page).nth(1).locator('.error', { hasText: 'La carte est occupée.' }).waitFor();
  }));

  test('deletes only after asking, by mouse', () => visit({}, async (page) => {
    await makeBackup(page);
    const count = await rows(page).count();
    const name = await rows(page).first().getAttribute('data-name');
    await action(page, 'delete').click();
    await page.locator('#removal[open]').waitFor();
    assert.match(await page.locator('#removal-title').textContent(), /Supprimer la sauvegarde du .+\s\d\d:\d\d/);
    assert.match(await page.locator('#removal-text').textContent(), new RegExp(`Il restera ${count - 1} sauvegarde`));
    await page.locator('#removal-cancel').click();
    assert.equal(await rows(page).count(), count);
    await action(page, 'delete').click();
    await page.locator('#removal-confirm').click();
    await untilRows(page, count - 1);
    assert.equal(await page.locator(`[data-name="${name}"]`).count(), 0);
  }));

  test('deletes by keyboard alone; Escape and Enter on the first button do no harm', () => visit({}, async (page) => {
    await makeBackup(page);
    const count = await rows(page).count();
    await page.locator('#list-title').focus();
    await tabTo(page, '[data-action="delete"]', 14);
    await page.keyboard.press('Enter');
    await page.locator('#removal[open]').waitFor();
    assert.equal(await focused(page), 'removal-cancel');
    await page.keyboard.press('Escape');
    assert.equal(await focused(page), 'delete');
    await page.keyboard.press('Enter');
    await page.locator('#removal[open]').waitFor();
    await page.keyboard.press('Enter');
    await page.locator('#removal').waitFor({ state: 'hidden' });
    assert.equal(await rows(page).count(), count);
    await page.keyboard.press('Enter');
    await page.locator('#removal[open]').waitFor();
    await page.keyboard.press('Tab');
    assert.equal(await focused(page), 'removal-confirm');
    await page.keyboard.press('Enter');
    await untilRows(page, count - 1);
    await until(page, () => document.activeElement.dataset.action === 'delete');
  }));

  test('the last good backup goes only with the word', () => visit({
    prepare: (page) => fake(page, '/api/backups', (answer) => ({
      ...answer, backups: answer.backups.slice(0, 1).map((one) => ({ ...one, lastGood: true })), total: 1, matching: 1,
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

  test('a box without any says what to do', () => visit({
    ready: (page) => page.locator('#list-empty:visible').waitFor(),
    prepare: (page) => fake(page, '/api/backups', (answer) => ({ ...answer, backups: [], total: 0, totalSize: 0, matching: 0 })),
  }, async (page) => {
    assert.match(await page.locator('#list-empty').textContent(), /Faites-en une/);
    assert.equal(await page.locator('#search').isVisible(), false);
    assert.deepEqual(await axe(page), []);
    await picture(page, 'backups-empty');
  }));

  test('10,000 archives: fifty are asked for at a time, and the search stays quick', () => visit({ prepare: many(10_000) }, async (page) => {
    assert.equal(await rows(page).count(), 50);
    assert.match(await page.locator('#list-total').textContent(), /^10\s000 sauvegardes/);
    await page.locator('#list-more').click();
    await untilRows(page, 100);
    assert.equal(await page.evaluate(() => document.activeElement.closest('.row').dataset.name), 'backup-50');
    await page.locator('#search-words').fill('mercredi');
    await untilRows(page, 7);
    assert.equal(await page.locator('#list-more').isVisible(), false);
    // Those that somebody has unfolded stay when something changes.
    await page.locator('#search-words').fill('');
    await untilRows(page, 50);
    for (let more = 2; more <= 12; more += 1) {
      await page.locator('#list-more').click();
      await untilRows(page, more * 50);
    }
    assert.deepEqual(await rows(page).evaluateAll((all) => new Set(all.map((one) => one.dataset.name)).size), 600);
  }));

  testEveryForm('backups', (...visitor) => visit(...visitor), {
    then: async (page, form) => {
      await action(page, 'delete').click();
      await page.locator('#removal[open]').waitFor();
      await look(page, `dialog-${form}`);
      await page.keyboard.press('Escape');
    },
  });

  test('no error in the console, nothing asked of other origins', () => assert.deepEqual(demo.faults, []));
});
