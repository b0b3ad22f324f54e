// The panel in a browser that runs no scripts.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { axe, isTooWide, picture, startBrowser } from './browser.mjs';
import { canRestart, startClub } from './daemon.mjs';

const PASSWORD = 'trois petits tours';

describe('without scripts', { concurrency: false, timeout: 120_000, skip: !canRestart }, () => {
  let club;
  let browser;
  before(async () => {
    club = await startClub();
    browser = await startBrowser(club.url);
    const body = JSON.stringify({ code: await club.code(), password: PASSWORD });
    assert.equal((await fetch(`${club.url}api/access/setup`, { method: 'POST', body })).status, 200);
  }, { timeout: 90_000 });
  after(async () => {
    await browser?.close();
    await club?.end(PASSWORD);
  });

  const visit = async (options, work) => {
    const page = await browser.page({ javaScriptEnabled: false, ...options });
    try {
      await work(page);
    } finally {
      await page.context().close();
    }
  };

  test('leads from the panel to a page with the sentence, the list and the downloads', () => visit({ width: 360, height: 780 }, async (page) => {
    await page.goto(club.url);
    await page.waitForURL('**/plain');
    assert.equal(await page.locator('a[href*="download"]').count(), 0, 'nothing before signing in');
    await picture(page, 'plain-door-360');
    await page.locator('#password').fill('faux mot de passe');
    await page.locator('[type="submit"]').click();
    await page.locator('.error', { hasText: 'Ce n’est pas le mot de passe' }).waitFor();
    await page.locator('#password').fill(PASSWORD);
    await page.locator('[type="submit"]').click();
    await page.waitForURL('**/plain');
    await page.locator('h1', { hasText: /Tout va bien\s: dernière sauvegarde .*, vérifiée/ }).waitFor();
    assert.equal(await page.locator('.row').count(), 1);
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('.row a').click()]);
    assert.match(download.suggestedFilename(), /^backup-.*\.tar\.gz$/);
    await picture(page, 'plain-360');
    await page.getByText('English').click();
    await page.locator('html[lang="en"]').waitFor();
    await page.locator('h1', { hasText: /backup/i }).waitFor();
    assert.match(page.url(), /\/plain$/);
  }));

  for (const scheme of ['light', 'dark']) {
    for (const width of [360, 768, 1440]) {
      // The checker is a script; the page is the same with and without.
      test(`${width} px, ${scheme}: accessible and no wider than the window`, () => visit({ width, height: 800, scheme, javaScriptEnabled: true }, async (page) => {
        await page.goto(`${club.url}plain`);
        assert.deepEqual(await axe(page), []);
        assert.equal(await isTooWide(page), false);
        await page.locator('#password').fill(PASSWORD);
        await page.locator('[type="submit"]').click();
        await page.locator('#content:visible:not([aria-busy])').waitFor();
        await page.goto(`${club.url}plain`);
        await page.locator('.row').waitFor();
        assert.deepEqual(await axe(page), []);
        assert.equal(await isTooWide(page), false);
        await picture(page, `plain-${width}-${scheme}`);
      }));
    }
  }
});
