// The first screen: the sentence and what it takes to be good again, the nights, the room.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { axe, isTooWide, picture, shift } from './browser.mjs';
import { fakeStatus, focused, makeBackup, rows, startDemo, tabTo, testEveryForm, until } from './demo.mjs';

let demo;
let visit;
before(async () => {
  demo = await startDemo();
  ({ visit } = demo);
}, { timeout: 90_000 });
after(() => demo?.end());

const cause = (rule, state, kind, more = {}) => ({
  rule, state, sentence: `La règle ${rule} parle.`, advice: `Ce qu'il faut faire de ${rule}.`,
  action: kind && { kind, target: null, label: `Agir : ${rule}`, ...more },
});
/** As the box would say it with these causes. */
const because = (...causes) => (told) => ({ ...told, state: causes[0].state, sentence: causes[0].sentence, causes });

describe('home', { concurrency: false, timeout: 300_000 }, () => {
  test('has the sentence, the last and the next run, the place and the room', () => visit({}, async (page) => {
    assert.match(await page.locator('#sentence').textContent(), /^Tout va bien\s: dernière sauvegarde .+, vérifiée$/);
    assert.equal(await page.locator('#verdict').getAttribute('data-state'), 'good');
    assert.match(await page.locator('#advice').textContent(), /rien à faire/);
    assert.match(await page.locator('#facts').innerText(), /Dernière exécution\s+.*réussie\s+Prochaine exécution\s+.*dans.*\s+Où sont les sauvegardes\s+Sur cette box, dans \//s);
    assert.match(await page.locator('#disk-words').textContent(), /^Les sauvegardes occupent .+ il reste .+ sur .+ De la place pour/);
    assert.match(await page.title(), /^Tout va bien.* · Sauvegardes du club$/);
    const sizes = await page.evaluate(() => [...document.querySelectorAll('#content *')]
      .filter((one) => one.checkVisibility() && one.childNodes.length > 0)
      .map((one) => [one.id, Number.parseFloat(getComputedStyle(one).fontSize)]));
    const largest = Math.max(...sizes.map(([, size]) => size));
    assert.deepEqual(sizes.filter(([, size]) => size === largest).map(([id]) => id), ['sentence'], 'the largest thing on the page');
  }));

  test('the sentence is there before any script has run', async () => {
    const answer = await fetch(demo.daemon.url, { headers: { 'Accept-Language': 'fr' } });
    const page = await answer.text();
    assert.match(page, /<h1 id="sentence"[^>]*>Tout va bien\s: dernière sauvegarde/);
    assert.match(page, /<title>Tout va bien/);
    const english = await (await fetch(demo.daemon.url, { headers: { 'Accept-Language': 'en' } })).text();
    assert.match(english, /<html [^>]*lang="en">.*<h1 id="sentence"[^>]*>[^<]*backup/s);
  });

  for (const [kind, state, ends] of [
    ['run', 'act', (page) => page.locator('#run[data-result="good"]').waitFor()],
    ['enable', 'watch', (page) => page.waitForResponse('**/auto-toggle')],
    ['backups', 'act', (page) => page.locator('html[data-page="backups"]').waitFor()],
    ['refresh', 'watch', (page) => page.waitForResponse('**/api/status')],
  ]) {
    test(`a cause has one button that does it: ${kind}`, () => visit({
      prepare: (page) => fakeStatus(page, because(cause('x', state, kind))),
    }, async (page) => {
      assert.equal(await page.locator('#sentence').textContent(), 'La règle x parle');
      assert.equal(await page.locator('#verdict').getAttribute('data-state'), state);
      assert.match(await page.locator('#advice').textContent(), /^Ce qu’il faut faire de x\.$/);
      const ended = ends(page);
      await page.locator('#remedy-button').click();
      await ended;
    }));
  }

  test('a cause about one backup opens or verifies that one', async () => {
    let name;
    await visit({ address: '#backups' }, async (page) => {
      await rows(page).first().waitFor();
      name = await rows(page).first().getAttribute('data-name');
    });
    await visit({ prepare: (page) => fakeStatus(page, because(cause('x', 'watch', 'open', { target: name }))) }, async (page) => {
      await page.locator('#remedy-button').click();
      await page.locator('#opened[open]').waitFor();
    });
    await visit({ prepare: (page) => fakeStatus(page, because(cause('x', 'act', 'verify', { target: name }))) }, async (page) => {
      const verified = page.waitForResponse(`**/${name}/verify`);
      await page.locator('#remedy-button').click();
      assert.equal((await verified).status(), 200);
    });
  });

  test('several causes stand below each other, each with its own button; what a button could not do it says', () => visit({
    faulty: true,
    width: 360,
    height: 780,
    prepare: async (page) => {
      await fakeStatus(page, because(cause('old', 'act', 'run'), cause('off', 'watch', 'enable'), cause('plain', 'watch', null)));
      await page.route('**/auto-toggle', (route) => route.fulfill({ status: 503, json: { success: false, code: 'systemd_away', message: 'systemd ne répond pas.' } }));
    },
  }, async (page) => {
    assert.equal(await page.locator('#causes > li').count(), 2);
    assert.equal(await page.locator('#causes button:visible').count(), 1);
    await page.locator('#causes button:visible').click();
    await page.locator('#causes .error', { hasText: 'systemd ne répond pas.' }).waitFor();
    assert.deepEqual(await axe(page), []);
    assert.equal(await isTooWide(page), false);
    await picture(page, 'home-causes-360');
  }));

  test('a run that fails: the sentence, the reason in the box\'s own words, and how to try again', () => visit({
    prepare: (page) => fakeStatus(page, (told) => ({
      ...because({ ...cause('failed', 'watch', 'run'), sentence: 'La dernière sauvegarde a échoué : la carte est pleine.' })(told),
      last: { ...told.last, success: false },
    })),
  }, async (page) => {
    assert.equal(await page.locator('#sentence').textContent(), 'La dernière sauvegarde a échoué\u00a0: la carte est pleine');
    assert.match(await page.locator('#facts').textContent(), /échouée/);
    assert.equal(await page.locator('#remedy-button').isVisible(), true);
    await picture(page, 'home-failed');
  }));

  test('remarks of the last run are told in full, and text of the box is never taken for HTML', () => visit({
    prepare: (page) => fakeStatus(page, (told) => ({
      ...because({ ...cause('warnings', 'watch', null), sentence: 'Il manquait <b>un</b> fichier.' })(told),
      last: { ...told.last, warnings: ['<img src=x onerror=alert(1)>', 'site.conf : absent.'] },
    })),
  }, async (page) => {
    assert.equal(await page.locator('#sentence').textContent(), 'Il manquait <b>un</b> fichier');
    assert.match(await page.locator('#warnings').textContent(), /2 remarques.*<img src=x/);
    assert.equal(await page.locator('#content img').count(), 0);
  }));

  test('a status that cannot be read says so, and comes back', () => visit({ faulty: true }, async (page) => {
    await page.route('**/api/status', (route) => route.fulfill({ status: 500, json: { success: false, code: 'no_directory', message: 'Le dossier des sauvegardes n\'est pas là.' } }));
    const toggle = (enable) => fetch(`${demo.daemon.url}api/backups/auto-toggle`, { method: 'POST', body: JSON.stringify({ enable }) });
    await toggle(false);
    await page.locator('#sentence', { hasText: 'n’a pas pu être lu' }).waitFor();
    assert.match(await page.locator('#advice').textContent(), /n’est pas là/);
    assert.equal(await page.locator('#verdict').getAttribute('data-state'), 'watch');
    await page.unroute('**/api/status');
    await toggle(true);
    await page.locator('#sentence', { hasText: 'Tout va bien' }).waitFor();
  }));

  test('the nights: thirty marks, one told in words, the arrow keys go along, one Tab away', () => visit({
    width: 360,
    height: 780,
    prepare: (page) => fakeStatus(page, (told) => ({
      ...told,
      nights: told.nights.map((night, place) => ({
        ...night, state: ['verified', 'made', 'missed', 'failed', 'damaged', 'none', 'coming'][place % 7], sentence: `Nuit ${place}.`,
      })),
    })),
  }, async (page) => {
    const marks = page.locator('#nights-strip button');
    assert.equal(await marks.count(), 30);
    assert.equal(await page.locator('#night-told').textContent(), 'Nuit 29.');
    assert.equal(await page.locator('#nights-strip button[tabindex="0"]').count(), 1);
    await page.locator('#run-button').focus();
    await tabTo(page, '#nights-strip button', 3);
    for (const [key, night] of [['ArrowLeft', 28], ['ArrowUp', 18], ['Home', 0], ['ArrowLeft', 0], ['ArrowRight', 1], ['End', 29]]) {
      await page.keyboard.press(key);
      assert.equal(await page.locator('#night-told').textContent(), `Nuit ${night}.`, key);
      assert.equal(await page.evaluate(() => document.activeElement.getAttribute('aria-label')), `Nuit ${night}.`);
    }
    await marks.nth(4).click();
    assert.equal(await page.locator('#night-told').textContent(), 'Nuit 4.');
    assert.equal(await marks.nth(4).getAttribute('aria-pressed'), 'true');
    // Never by colour alone: each state has a mark of its own, or none.
    const drawn = await page.evaluate(() => Object.fromEntries([...document.querySelectorAll('#nights-strip button')]
      .map((one) => [one.dataset.state, one.querySelector('use')?.getAttribute('href') ?? ''])));
    assert.equal(new Set(Object.values(drawn)).size, 6, JSON.stringify(drawn));
    const box = await marks.first().boundingBox();
    assert.ok(box.width >= 24 && box.height >= 40, 'a finger finds it');
  }));

  test('a night leads to its backup', () => visit({}, async (page) => {
    await page.locator('#run-button').click();
    await page.locator('#run[data-result="good"]').waitFor();
    await until(page, () => /vérifiée/.test(document.getElementById('night-told').textContent));
    await page.locator('#night-open').click();
    await page.locator('#opened[open]').waitFor();
    await page.goBack();
    await page.locator('#opened').waitFor({ state: 'hidden' });
    assert.equal(await focused(page), 'night-open');
  }));

  test('a second browser stays in step', () => visit({ address: '#backups' }, (one) => visit({}, async (two) => {
    const before = await two.locator('#facts').textContent();
    await makeBackup(one);
    await two.locator('#run[data-result="good"]').waitFor();
    await until(two, () => /à l’instant|il y a/.test(document.getElementById('sentence').textContent));
    assert.match(before, /Dernière/);
  })));

  test('no page jumps while a run reports', () => visit({}, async (page) => {
    await page.locator('#run-button').click();
    await page.locator('#run[data-result]').waitFor();
    assert.equal(await shift(page), 0);
  }));

  for (const state of ['good', 'watch', 'act']) {
    const change = state === 'good'
      ? (told) => ({ ...told, sentence: 'Tout va bien : dernière sauvegarde il y a 6 h, vérifiée.' })
      : because(cause('x', state, 'run'), cause('y', 'watch', 'enable'));
    testEveryForm(`home-${state}`, (...visitor) => visit(...visitor), { more: { prepare: (page) => fakeStatus(page, change) } });
  }

  test('no error in the console, nothing asked of other origins', () => assert.deepEqual(demo.faults, []));
});
