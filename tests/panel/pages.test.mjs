// What all pages share: their addresses, the two languages, the connection, zoom and paper.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { axe, complete, goTo, isTooWide, picture, shift } from './browser.mjs';
import { canRestart } from './daemon.mjs';
import { fakeStatus, focused, makeBackup, reload, rows, startDemo, tabTo, until, untilRows } from './demo.mjs';

let demo;
let visit;
before(async () => {
  demo = await startDemo();
  ({ visit } = demo);
}, { timeout: 90_000 });
after(() => demo?.end());

const PAGES = ['home', 'backups', 'automatic', 'journal'];
const current = (page) => page.locator('#pages [aria-current]').evaluate((link) => link.hash);
/** Until a page has what it shows. */
const filled = {
  home: (page) => page.locator('#facts > div').first().waitFor(),
  backups: (page) => rows(page).first().waitFor(),
  automatic: (page) => page.locator('#retention-effect', { hasText: /./ }).waitFor(),
  journal: (page) => page.locator('#journal-lines > div').first().waitFor(),
};

describe('the pages', { concurrency: false, timeout: 300_000 }, () => {
  test('each has an address, a title, one first heading; links, back and forward lead to it', () => visit({}, async (page) => {
    for (const name of PAGES.slice(1)) {
      await page.locator(`#pages [href="#${name}"]`).click();
      await page.locator(`html[data-page="${name}"]`).waitFor();
      assert.equal(await current(page), `#${name}`);
      const word = await page.locator('#page-title').textContent();
      assert.ok((await page.title()).startsWith(`${word} · `));
      assert.equal(await page.locator('h1:visible').count(), 1);
      assert.equal(await focused(page), 'page-title');
    }
    await page.goBack();
    await page.locator('html[data-page="automatic"]').waitFor();
    await page.goForward();
    await page.locator('html[data-page="journal"]').waitFor();
    await reload(page);
    assert.equal(await current(page), '#journal');
    await page.locator('#pages [href="#home"]').click();
    await until(page, () => document.activeElement.id === 'sentence');
    assert.equal(await page.locator('h1:visible').count(), 1);
    assert.match(await page.title(), /^Tout va bien/);
  }));

  test('an address that nobody knows is the home page', () => visit({ address: '#nowhere' }, async (page) => {
    assert.equal(await current(page), '#home');
    assert.equal(await page.locator('#sentence').isVisible(), true);
  }));

  test('everything can be reached by keyboard alone, and is seen to have the focus', () => visit({}, async (page) => {
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    await page.keyboard.press('Enter');
    for (const name of [...PAGES.slice(1), 'home']) {
      await page.evaluate(() => document.querySelector('.skip').focus());
      await tabTo(page, `#pages [href="#${name}"]`, 8);
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth);
      assert.equal(outline, '3px');
      await page.keyboard.press('Enter');
      await page.locator(`html[data-page="${name}"]`).waitFor();
      await filled[name](page);
      // Of radio buttons one is reached, of the nights one: the arrow keys go on from there.
      const wanted = await page.evaluate(() => [...document.querySelectorAll('#content :is(a[href], button, input, select, summary, [tabindex="0"])')]
        .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0 && (one.type !== 'radio' || one.checked)).length);
      const reached = new Set();
      for (let press = 0; press < wanted + 15; press += 1) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => {
          const one = document.activeElement;
          if (!one.closest('#content')) return null;
          one.dataset.reached ??= String(Math.random());
          return one.dataset.reached;
        });
        if (at) reached.add(at);
      }
      assert.equal(reached.size, wanted, name);
    }
  }));

  test('says for good that the door is open, and has nothing to sign in to or out of', () => visit({}, async (page) => {
    const notice = page.locator('#open');
    assert.match(await notice.textContent(), /Accès ouvert\s: toute personne de ce réseau.*auth = "password"/);
    assert.equal(await notice.locator('button').count(), 0);
    const [above, below] = await Promise.all([notice.boundingBox(), page.locator('#verdict').boundingBox()]);
    assert.ok(above.y + above.height <= below.y, 'it covers nothing');
    for (const hidden of ['#door', '#setup', '#access', '#sign-out', '#note', '#pages [href="#access"]']) {
      assert.equal(await page.locator(hidden).isVisible(), false, hidden);
    }
  }));

  test('speaks the browser\'s language, and the one that its reader chooses from then on', () => visit({ locale: 'en-GB', address: '#backups' }, async (page) => {
    for (const name of PAGES) {
      await goTo(page, name);
      await filled[name](page);
      // What the box itself wrote stays in the language that it is set to.
      await page.evaluate(() => document.querySelectorAll('#journal-lines, #warnings, .row-problem').forEach((one) => one.replaceChildren()));
      assert.doesNotMatch(await page.locator('body').innerText(), /panel\.|sauvegarde|vérifiée/i, name);
      await picture(page, `english-${name}`);
    }
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    await goTo(page, 'backups');
    await page.locator('#language', { hasText: 'Français' }).click();
    await page.locator('html[lang="fr"]').waitFor();
    await complete(page);
    assert.equal(await current(page), '#backups', 'where one was');
    await rows(page).first().waitFor();
    assert.match(await rows(page).first().innerText(), /Vérifiée/);
    await reload(page);
    assert.equal(await page.locator('html').getAttribute('lang'), 'fr');
  }));

  test('days, numbers and sizes are those of the language', async () => {
    const seen = {};
    for (const locale of ['fr-FR', 'en-GB']) {
      await visit({ locale, prepare: (page) => fakeStatus(page, (told) => ({ ...told, disk: { total: 31e9, free: 21e9, backups: 1_258_291, nights: 1 } })) }, async (page) => {
        seen[locale] = (await page.locator('#disk-words').textContent()).replace(/\s/g, ' ');
      });
    }
    assert.deepEqual(seen, {
      'fr-FR': 'Les sauvegardes occupent 1,2 Mo ; il reste 19,6 Go sur 28,9 Go. De la place pour 1 nuit de plus.',
      'en-GB': 'The backups take 1.2 MB; 19.6 GB of 28.9 GB are free. Room for 1 more night.',
    });
  });

  test('at twice the size every page can be read and used', async () => {
    for (const name of PAGES) {
      // 200 % on a screen of 1280 leaves 640 CSS pixels; text alone at 200 % is a root of 32 px.
      await visit({ width: 640, height: 400, address: `#${name}` }, async (page) => {
        await filled[name](page);
        assert.equal(await isTooWide(page), false, name);
      });
      await visit({ width: 720, height: 900, address: `#${name}` }, async (page) => {
        await filled[name](page);
        await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
        assert.equal(await isTooWide(page), false, `${name}, large text`);
        const clipped = await page.evaluate(() => [...document.querySelectorAll('#content :is(button, h1, h2, h3, p, label)')]
          .filter((one) => one.checkVisibility() && !one.closest('.unseen') && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline').map((one) => one.id || one.textContent));
        assert.deepEqual(clipped, [], `${name}: cut off`);
        await picture(page, `zoom-${name}`);
      });
    }
  });

  test('on paper a page is its content', () => visit({}, async (page) => {
    await page.emulateMedia({ media: 'print' });
    for (const name of PAGES) {
      await page.evaluate((hash) => { location.hash = hash; }, name);
      await page.locator(`html[data-page="${name}"]`).waitFor();
      for (const hidden of ['#pages', '#run', '#language', '.actions', '#search']) {
        assert.equal(await page.locator(hidden).first().isVisible(), false, `${hidden} on ${name}`);
      }
      await picture(page, `print-${name}`);
    }
  }));

  test('who wants less motion gets none', () => visit({ reducedMotion: 'reduce' }, async (page) => {
    const moving = await page.evaluate(() => [...document.querySelectorAll('*')]
      .filter((one) => /[1-9]/.test(getComputedStyle(one).transitionDuration) || getComputedStyle(one).animationName !== 'none').length);
    assert.equal(moving, 0);
  }));

  test('a file of the page that does not come is asked for again', () => {
    let missed = false;
    return visit({
      faulty: true,
      prepare: (page) => page.route('**/list.js', (route) => {
        if (missed) return route.continue();
        missed = true;
        return route.abort();
      }),
    }, async (page) => {
      assert.equal(missed, true);
      assert.match(await page.locator('#sentence').textContent(), /Tout va bien/);
    });
  });

  test('a page opened during a run joins it', () => visit({
    prepare: async (page) => {
      const going = { id: 'backup-000000000000-00000001', kind: 'backup', state: 'running', step: 'write', log: [] };
      await page.route('**/api/jobs', (route) => route.fulfill({ json: { jobs: [going] } }));
      await page.route('**/api/jobs/backup-*', (route) => route.fulfill({ json: going }));
    },
  }, async (page) => {
    await until(page, () => document.querySelector('#run-status').textContent.includes('Écriture'));
    assert.equal(await page.locator('#run-button').getAttribute('aria-disabled'), 'true');
  }));

  test('the network is cut and comes back: it says so, and catches up', () => visit({ faulty: true, address: '#backups' }, async (page) => {
    const count = await rows(page).count();
    await page.context().setOffline(true);
    await page.locator('#run-button').click();
    await page.locator('#run-status', { hasText: 'ne répond pas' }).waitFor();
    assert.equal((await fetch(`${demo.daemon.url}api/backups/create`, { method: 'POST' })).status, 200);
    await page.context().setOffline(false);
    await untilRows(page, count + 1);
    await page.locator('#banner').waitFor({ state: 'hidden' });
  }));

  test('the daemon is stopped and started: it says so and recovers by itself, on every page', { skip: !canRestart }, () => visit({ faulty: true, address: '#backups' }, async (page) => {
    await rows(page).first().waitFor();
    await demo.daemon.stop();
    await page.locator('#banner', { hasText: 'Connexion à la box perdue' }).waitFor();
    const [banner, notice] = await Promise.all([page.locator('#banner').boundingBox(), page.locator('#open').boundingBox()]);
    assert.ok(banner.y + banner.height <= notice.y, 'both can be read');
    assert.deepEqual(await axe(page), []);
    assert.equal(await shift(page), 0);
    await picture(page, 'connection-lost');
    await demo.daemon.start();
    await page.locator('#banner').waitFor({ state: 'hidden' });
    const count = (await (await fetch(`${demo.daemon.url}api/backups`)).json()).total;
    await untilRows(page, count);
    await makeBackup(page);
  }));

  test('every text is 4.5 to 1 from what lies behind it', async () => {
    for (const scheme of ['light', 'dark']) {
      for (const name of PAGES) {
        await visit({ scheme, address: `#${name}` }, async (page) => {
          await filled[name](page);
          const weak = await page.evaluate(contrasts);
          assert.deepEqual(weak, [], `${name}, ${scheme}`);
        });
      }
    }
  });

  test('no sentence is written into a script', async () => {
    const folder = new URL('../../assets/', import.meta.url);
    const { readdir } = await import('node:fs/promises');
    for (const file of (await readdir(folder)).filter((one) => one.endsWith('.js'))) {
      const code = (await readFile(new URL(file, folder), 'utf8')).replace(/^\s*(\/\/|\/?\*).*$/gm, '');
      const texts = [...code.matchAll(/'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g)].map((found) => (found[1] ?? found[2]).replace(/\$\{[^}]*\}/g, ''));
      // Names of classes and ids are lower case without accents; a sentence begins, or says something, otherwise.
      const sentences = texts.filter((text) => /[A-Za-zÀ-ÿ]{3,} [a-zà-ÿ]{2,}/.test(text) && !/^[a-z-]+( [a-z-]+)*$/.test(text));
      assert.deepEqual(sentences, [], file);
    }
  });

  test('no error in the console, nothing asked of other origins', () => assert.deepEqual(demo.faults, []));
});

/* Runs in the page: the visible texts whose contrast is below 4.5, measured on what is painted. */
function contrasts() {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const paint = (under, colour) => {
    canvas.fillStyle = `rgb(${under.join(' ')})`;
    canvas.fillRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => rgb.map((part) => part / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
  const behind = (element) => {
    const chain = [];
    for (let one = element; one; one = one.parentElement) chain.unshift(getComputedStyle(one).backgroundColor);
    return chain.reduce(paint, [255, 255, 255]);
  };
  const weak = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    if (!own || !element.checkVisibility({ visibilityProperty: true }) || element.closest('.unseen, .skip, [aria-disabled], script')) continue;
    // In a group of segments the mark below the text is its sibling; its own background counts.
    const ground = behind(element);
    const text = paint(ground, getComputedStyle(element).color);
    const [dark, bright] = [light(ground), light(text)].sort((a, b) => a - b);
    const ratio = (bright + 0.05) / (dark + 0.05);
    if (ratio < 4.5) weak.push(`${element.tagName} ${element.id || element.className} "${element.textContent.trim().slice(0, 30)}": ${ratio.toFixed(2)}`);
  }
  return weak;
}
