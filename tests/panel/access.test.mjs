// The panel of a club that asks for a password: first use, signing in and out, and what
// whoever is in can change of it.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { axe, goTo, isTooWide, picture, shift, startBrowser } from './browser.mjs';
import { canRestart, startClub } from './daemon.mjs';

const PATIENCE = 30_000;
/** A page that asks again and again would have done so by then. */
const STORM = 6000;
const PASSWORD = 'trois petits tours';
const NEXT = 'filet bleu buvette';
const faults = [];

/** A club with its browser; `set` makes the password first. Its pages count their faults. */
async function startHouse({ set = false } = {}) {
  const club = await startClub();
  const browser = await startBrowser(club.url);
  const api = (path, options = {}) => fetch(`${club.url}api/access${path}`, options);
  const post = (path, body) => api(path, { method: 'POST', body: JSON.stringify(body) });
  if (set) assert.equal((await post('/setup', { code: await club.code(), password: PASSWORD })).status, 200);

  /** `signedIn` with this password; faults do not count where `faulty`. */
  async function visit({ signedIn, faulty, prepare, address = '#access', ...options }, work) {
    const page = await browser.page(options);
    page.setDefaultTimeout(PATIENCE);
    try {
      if (signedIn) await signIn(page, signedIn);
      await prepare?.(page);
      await page.goto(`${club.url}${address}`);
      await page.locator('#content:visible:not([aria-busy]), #door:visible:not([aria-busy])').first().waitFor();
      await work(page);
      if (!faulty) faults.push(...page.faults);
    } finally {
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await page.context().close();
    }
  }

  const signIn = async (page, password) => {
    const answer = await page.request.post(`${club.url}api/access/session`, { data: { password } });
    assert.equal(answer.status(), 200);
    return (await answer.json()).session;
  };

  /** What another device that is signed in does. */
  async function elsewhere(password, method, path, body) {
    const entered = await post('/session', { password });
    const cookie = entered.headers.getSetCookie()[0].split(';')[0];
    const headers = { cookie, origin: new URL(club.url).origin };
    const answer = await api(path, { method, headers, body: body && JSON.stringify(body) });
    assert.equal(answer.status, 200);
    return answer.json();
  }

  async function end() {
    await browser.close();
    await club.end(PASSWORD, NEXT);
  }
  return { club, visit, elsewhere, end };
}

const until = (page, state, argument) => page.waitForFunction(state, argument, { timeout: PATIENCE });
const door = (page) => page.locator('#door:visible');
// The page has its door before any script, which says why it is shut.
const doorNote = (page, text) => page.locator('#door-note:visible', { hasText: text }).waitFor();
const home = (page) => page.locator('#access:visible');
const topic = async (page, name) => {
  await page.locator(`#access-${name} > summary`).click();
  await page.locator(`#access-${name}[open]`).waitFor();
};
const entries = (page, list) => page.locator(`#${list} > .entry`);
const focused = (page) => page.evaluate(() => document.activeElement.id);

/** Looked at in every form that it can have; pictures at the sizes that people know. */
async function inEveryForm(name, visit, options, ready = async () => {}) {
  for (const scheme of ['light', 'dark']) {
    for (const width of [360, 768, 1440]) {
      await visit({ ...options, width, height: 800, scheme }, async (page) => {
        await ready(page);
        assert.deepEqual(await axe(page), [], `${name}, ${width} px, ${scheme}`);
        assert.equal(await isTooWide(page), false, `${name}, ${width} px`);
      });
    }
    for (const width of [390, 1280]) {
      await visit({ ...options, width, height: 800, scheme }, async (page) => {
        await ready(page);
        await picture(page, `${name}-${width}-${scheme}`);
      });
    }
  }
}

describe('before the first password', { concurrency: false, timeout: 300_000, skip: !canRestart }, () => {
  let house;
  let visit;
  before(async () => {
    house = await startHouse();
    ({ visit } = house);
  }, { timeout: 90_000 });
  after(() => house?.end());

  test('the page is readable below the card, and offers what is allowed only', () => visit({}, async (page) => {
    await page.locator('#setup:visible').waitFor();
    assert.match(await page.locator('#sentence').textContent(), /Tout va bien/);
    for (const hidden of ['#sign-out', '#access', '#open', '#door', '#pages [href="#access"]', '#trail']) {
      assert.equal(await page.locator(hidden).isVisible(), false, hidden);
    }
    await goTo(page, 'automatic');
    await page.locator('#auto-switch[aria-checked="true"]').waitFor();
    assert.equal(await page.locator('#auto-switch').isDisabled(), true);
    assert.match(await page.locator('#auto-locked').textContent(), /choisissez d’abord le mot de passe/);
    for (const field of ['#hour', '#retention-days']) assert.equal(await page.locator(field).isDisabled(), true, field);
    for (const button of ['#retention-save', '#hour-form [type="submit"]']) assert.equal(await page.locator(button).isVisible(), false, button);
    await goTo(page, 'backups');
    await until(page, () => document.querySelectorAll('#list > .row').length === 1);
    assert.equal(await page.locator('.action').count(), 0);
    await page.locator('#run-button').click();
    await page.locator('#run[data-result="good"]').waitFor();
    await until(page, () => document.querySelectorAll('#list > .row').length === 2);
  }));

  test('accessible, no wider than the window, in every form', () => inEveryForm('setup', visit, {}));

  test('says beside the form what is wrong, and puts the reader there', () => visit({ faulty: true, width: 390 }, async (page) => {
    const error = page.locator('#setup-error');
    const send = (code, password) => page.locator('#setup-code').fill(code)
      .then(() => page.locator('#setup-password').fill(password))
      .then(() => page.keyboard.press('Enter'));
    await send('', PASSWORD);
    await error.filter({ hasText: 'À remplir : Code d’installation' }).waitFor();
    await send('ABCD-EFGH', 'court');
    await error.filter({ hasText: '10 caractères' }).waitFor();
    assert.equal(await focused(page), 'setup-password');
    await send('ABCD-EFGH', PASSWORD);
    await error.filter({ hasText: 'Ce n’est pas le code' }).waitFor();
    assert.equal(await focused(page), 'setup-code');
    assert.equal(await error.getAttribute('role'), 'alert');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'setup-wrong');
  }));

  test('a password that will not do, in every form', () => inEveryForm('setup-weak', visit, { faulty: true }, async (page) => {
    await page.locator('#setup-code').fill('ABCD-EFGH');
    await page.locator('#setup-password').fill('court');
    await page.keyboard.press('Enter');
    await page.locator('#setup-error:visible').waitFor();
  }));

  test('the code, however it is typed, and a password make whoever has them a person', () => visit({ faulty: true }, (other) => visit({ width: 390 }, async (page) => {
    const code = (await house.club.code()).toLowerCase().replace('-', ' – ');
    await page.locator('#setup-code').fill(code);
    await page.locator('#setup-password').fill(`${PASSWORD} `);
    await page.locator('#setup-form [type="submit"]').click();
    await home(page).waitFor();
    assert.match(await page.locator('#note').textContent(), /cet appareil est connecté/);
    assert.equal(await page.locator('#setup').isVisible(), false);
    assert.equal(await page.locator('#sign-out').isVisible(), true);
    assert.equal(await shift(page), 0);
    await picture(page, 'claimed-390');
    await goTo(page, 'automatic');
    assert.equal(await page.locator('#auto-switch').isDisabled(), false);
    await goTo(page, 'backups');
    assert.equal(await page.locator('#list > .row').first().locator('.action').count(), 4);
    // What it had asked for is not its to see any more.
    await door(other).waitFor();
    await doorNote(other, /vient d’être choisi sur un autre appareil/);
  })));

  test('it is said once only', () => visit({}, async (page) => {
    await door(page).waitFor();
    assert.equal(await page.locator('#door-note').isVisible(), false);
  }));
});

describe('behind a password', { concurrency: false, timeout: 600_000, skip: !canRestart }, () => {
  let house;
  let visit;
  before(async () => {
    house = await startHouse({ set: true });
    ({ visit } = house);
  }, { timeout: 90_000 });
  after(() => house?.end());

  test('nothing is shown or asked for before signing in', () => {
    const asked = [];
    return visit({
      prepare: (page) => page.on('request', (request) => asked.push(new URL(request.url()).pathname)),
    }, async (page) => {
      await door(page).waitFor();
      await page.waitForTimeout(1000);
      assert.deepEqual(asked.filter((path) => path.startsWith('/api/')), ['/api/access']);
      assert.equal(await page.locator('#content').isVisible(), false);
      assert.equal(await page.locator('#list > .row').count(), 0);
      assert.match(await page.locator('#door').textContent(), /Mot de passe perdu.*passwd/);
      const username = page.locator('#sign-in [autocomplete="username"]');
      assert.equal(await username.inputValue(), 'club');
      assert.equal(await page.locator('#sign-in-password').getAttribute('autocomplete'), 'current-password');
    });
  });

  test('the card is accessible, no wider than the window, in every form', () => inEveryForm('door', visit, {}));

  test('by keyboard alone: wrong, looked at, right', () => visit({ faulty: true, width: 390 }, async (page) => {
    await until(page, () => document.activeElement.id === 'sign-in-password');
    await page.keyboard.type('trois petits fours');
    await page.keyboard.press('Enter');
    await page.locator('#sign-in-error', { hasText: 'Ce n’est pas le mot de passe' }).waitFor();
    assert.equal(await focused(page), 'sign-in-password');
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const field = page.locator('#sign-in-password');
    assert.equal(await field.getAttribute('type'), 'text');
    assert.equal(await page.locator('[data-reveals="sign-in-password"]').getAttribute('aria-label'), 'Masquer le mot de passe');
    await page.keyboard.press('Shift+Tab');
    await field.press('Control+a');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    assert.equal(await field.getAttribute('type'), 'password');
    await home(page).waitFor();
    await until(page, () => document.activeElement.id === 'content');
    assert.equal(await shift(page), 0);
    await goTo(page, 'backups');
    await until(page, () => document.querySelectorAll('#list > .row').length === 1);
  }));

  test('a browser that keeps no cookie is told so', () => visit({
    prepare: (page) => page.route('**/api/access/session', (route) => route.fulfill({ json: { success: true, message: 'Oui', session: '0' } })),
  }, async (page) => {
    await page.locator('#sign-in-password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('#sign-in-error', { hasText: 'refuse le cookie' }).waitFor();
  }));

  test('a box that does not answer, or says why not, is asked until it does', () => visit({
    faulty: true,
    prepare: async (page) => {
      let asked = 0;
      await page.route('**/api/access', (route) => {
        asked += 1;
        if (asked === 1) return route.abort();
        if (asked > 2) return route.continue();
        return route.fulfill({ status: 500, json: { success: false, code: 'access_damaged', message: 'Le fichier est abîmé.' } });
      });
      page.seen = new Set();
      await page.exposeFunction('saw', (text) => page.seen.add(text));
      await page.addInitScript(() => setInterval(() => {
        for (const id of ['banner', 'note']) {
          const place = document.getElementById(id);
          if (place?.textContent && !place.hidden) window.saw(place.textContent);
        }
      }, 50));
    },
  }, async (page) => {
    await until(page, () => document.activeElement.id === 'sign-in-password');
    const seen = [...page.seen].join(' ');
    assert.match(seen, /Connexion à la box perdue/);
    assert.match(seen, /Le fichier est abîmé/);
  }));

  test('whoever is in has the whole page, and it does not jump', () => visit({ signedIn: PASSWORD }, async (page) => {
    await home(page).waitFor();
    await page.waitForLoadState('load');
    assert.equal(await shift(page), 0);
    assert.equal(await page.locator('#open').isVisible(), false);
    assert.match(await page.locator('#access-plain').textContent(), /sans chiffrement/);
    await goTo(page, 'backups');
    const link = page.locator('[data-action="download"]').first();
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    assert.match(download.suggestedFilename(), /^backup-.*\.tar\.gz$/);
  }));

  test('over an encrypted way nothing is said of it', () => visit({
    signedIn: PASSWORD,
    prepare: (page) => page.route('**/api/access', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...await answer.json(), secure: true } });
    }),
  }, async (page) => {
    await home(page).waitFor();
    assert.equal(await page.locator('#access-plain').isVisible(), false);
  }));

  test('signing out leaves nothing behind, in no window of this browser', () => visit({ signedIn: PASSWORD }, async (page) => {
    const other = await page.context().newPage();
    await other.goto(`${house.club.url}#access`);
    await home(other).waitFor();
    await page.locator('#sign-out').click();
    for (const one of [page, other]) {
      await door(one).waitFor();
      assert.equal(await one.locator('#list > .row').count(), 0);
    }
    await doorNote(page, /Vous êtes déconnecté/);
    assert.deepEqual((await page.context().cookies()).filter(({ name }) => name.includes('session')), []);
  }));

  test('a session that is ended elsewhere: the card, one sentence, and no storm', () => visit({ signedIn: PASSWORD, faulty: true, width: 390 }, async (page) => {
    await home(page).waitFor();
    const { session } = await page.evaluate(() => fetch('/api/access').then((answer) => answer.json()));
    await house.elsewhere(PASSWORD, 'DELETE', `/sessions/${session}`);
    await door(page).waitFor();
    await doorNote(page, /Votre session est terminée/);
    assert.equal(await focused(page), 'sign-in-password');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'door-ended');
    const asked = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.waitForTimeout(STORM);
    assert.deepEqual(asked, []);
    await house.club.backup();
    await page.locator('#sign-in-password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.locator('#door').waitFor({ state: 'hidden' });
    await goTo(page, 'backups');
    await until(page, () => document.querySelectorAll('#list > .row').length === 2);
    await page.locator('#run-button').click();
    await page.locator('#run[data-result="good"]').waitFor();
    await until(page, () => document.querySelectorAll('#list > .row').length === 3);
  }));

  test('a click that is refused does the same, also where no event told', () => visit({
    signedIn: PASSWORD, faulty: true, prepare: (page) => page.route('**/api/events', () => {}),
  }, async (page) => {
    await home(page).waitFor();
    await goTo(page, 'backups');
    await page.locator('[data-action="pin"]').first().waitFor();
    await page.context().clearCookies({ name: 'neopro_session' });
    await page.locator('[data-action="pin"]').first().click();
    await door(page).waitFor();
    await doorNote(page, /Votre session est terminée/);
  }));

  test('a stream that is refused for another reason is tried again, calmly', () => visit({ signedIn: PASSWORD, faulty: true }, async (page) => {
    let asked = 0;
    await page.route('**/api/events', (route) => {
      asked += 1;
      return route.fulfill({ status: 503, json: { success: false, code: 'busy', message: 'Plus tard.' } });
    });
    await page.reload();
    await home(page).waitFor();
    await page.waitForTimeout(STORM);
    assert.ok(asked >= 2 && asked <= 5, `${asked} times`);
    await page.unroute('**/api/events');
    await page.locator('#banner').waitFor({ state: 'hidden' });
  }));

  test('the topics are accessible, no wider than the window, in every form', () => inEveryForm('access', visit, { signedIn: PASSWORD }, async (page) => {
    for (const name of ['password', 'sessions', 'tokens']) await topic(page, name);
    await entries(page, 'sessions').first().waitFor();
    assert.equal(await shift(page), 0);
  }));

  test('devices are told in plain words, and ended one by one', () => visit({ signedIn: PASSWORD, width: 390 }, (page) => visit({
    signedIn: PASSWORD, faulty: true, userAgent: 'Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0',
  }, async (phone) => {
    await topic(page, 'sessions');
    const first = entries(page, 'sessions').first();
    assert.match(await first.textContent(), /Chrome sur Linux Cet appareil/);
    const row = entries(page, 'sessions').filter({ hasText: 'Firefox sur Android' });
    assert.match(await row.textContent(), /127\.0\.0\.1 · connecté depuis aujourd’hui à\s\d\d:\d\d · utilisé il y a moins d’une heure/);
    const button = row.locator('button');
    assert.match(await button.getAttribute('aria-label'), /^Déconnecter Firefox sur Android, connecté depuis/);
    await picture(page, 'devices-390');
    await button.click();
    await row.waitFor({ state: 'detached' });
    await until(page, () => document.activeElement.closest('#sessions'));
    await door(phone).waitFor();
    await first.locator('button').click();
    await door(page).waitFor();
    await doorNote(page, /Vous êtes déconnecté/);
  })));

  test('a token is made, told once, copied, used and revoked', () => visit({ signedIn: PASSWORD, width: 390, permissions: ['clipboard-read'] }, async (page) => {
    await topic(page, 'tokens');
    await page.locator('#tokens-empty:visible').waitFor();
    await page.locator('#token-name').fill('nas-du-club');
    await page.locator('#token-scope').selectOption('download');
    await page.locator('#token-days').selectOption('90');
    await page.locator('#token-form [type="submit"]').click();
    await page.locator('#token-secret:visible').waitFor();
    const token = await page.locator('#token-value').textContent();
    assert.match(token, /^neopro_[0-9a-f]{64}$/);
    assert.deepEqual(await axe(page), []);
    assert.equal(await isTooWide(page), false);
    await page.locator('#token-copy').click();
    await page.locator('#token-copy', { hasText: 'Copié' }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), token);
    await page.locator('#token-kept').click();
    assert.equal((await page.content()).includes(token), false);
    assert.equal(await focused(page), 'token-name');

    const curl = async (path) => {
      const words = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '-H', `Authorization: Bearer ${token}`];
      return (await promisify(execFile)('curl', [...words, `${house.club.url}api/${path}`])).stdout;
    };
    assert.equal(await curl('backups'), '200');
    assert.equal(await curl('access/audit'), '403');
    const row = entries(page, 'tokens').filter({ hasText: 'nas-du-club' });
    assert.match(await row.textContent(), /Lire l’état et télécharger.*jamais utilisé · se termine/);
    await page.locator('#access-tokens > summary').click();
    await topic(page, 'tokens');
    await row.filter({ hasText: 'utilisé il y a moins d’une heure · 127.0.0.1' }).waitFor();

    const button = row.locator('button');
    assert.equal(await button.getAttribute('aria-label'), 'Révoquer le jeton nas-du-club');
    await button.click();
    assert.match(await page.locator('#removal-title').textContent(), /Révoquer le jeton nas-du-club/);
    assert.deepEqual(await axe(page), []);
    await page.keyboard.press('Escape');
    assert.equal(await curl('backups'), '200');
    await button.click();
    await page.locator('#removal-confirm').click();
    await page.locator('#tokens-empty:visible').waitFor();
    assert.equal(await curl('backups'), '401');
  }));

  test('a token that cannot be is refused beside its form', () => visit({ signedIn: PASSWORD, faulty: true }, async (page) => {
    await topic(page, 'tokens');
    await page.locator('#token-name').fill('NAS du gymnase');
    await page.keyboard.press('Enter');
    await page.locator('#token-error', { hasText: 'Un nom de jeton' }).waitFor();
    assert.equal(await focused(page), 'token-name');
  }));

  test('the trail says who did what and how it ended, twenty at a time', () => visit({ signedIn: PASSWORD, width: 390, address: '#journal' }, async (page) => {
    await entries(page, 'audit').first().waitFor();
    const text = (await entries(page, 'audit').allTextContents()).join('\n');
    assert.match(text, /^Connexionaujourd’hui à\s\d\d:\d\d · cet appareil · 127\.0\.0\.1/);
    assert.match(text, /Révocation du jeton nas-du-club/);
    assert.equal(await entries(page, 'audit').count(), 20);
    await picture(page, 'audit-390');
    await page.locator('#audit-more').click();
    await until(page, () => document.querySelectorAll('#audit > .entry').length > 20);
    const all = (await entries(page, 'audit').allTextContents()).join('\n');
    assert.match(all, /Connexion Échec/);
    assert.match(all, /Choix du premier mot de passe/);
    await until(page, () => document.activeElement.closest('#audit'));
  }));

  test('every deed has its words, and text of the box is never taken for HTML', () => visit({
    signedIn: PASSWORD,
    address: '#journal',
    prepare: async (page) => {
      const at = new Date().toISOString();
      const object = { delete: 'backup-20241218-030000.tar.gz', download: 'backup-20241218-030000.tar.gz', toggle: 'off', token_add: '<img src=x onerror=alert(1)>' };
      const deeds = ['set_up', 'sign_in', 'sign_out', 'create', 'download', 'delete', 'pin', 'unpin', 'toggle', 'password', 'session_end', 'token_add', 'token_revoke', 'import', 'restore', 'undo', 'retention', 'schedule'];
      const lines = deeds.map((deed) => ({ at, who: { kind: 'token', name: 'nas' }, deed, object: object[deed], outcome: 'done' }));
      lines.push({ at, who: { kind: 'command_line' }, deed: 'toggle', outcome: 'failed' });
      lines.push({ at, who: { kind: 'nobody' }, address: '10.0.0.9', deed: 'sign_in', outcome: 'throttled', times: 1200 });
      await page.route('**/api/access/audit', (route) => route.fulfill({ json: { entries: lines } }));
    },
  }, async (page) => {
    await entries(page, 'audit').first().waitFor();
    const text = (await entries(page, 'audit').allTextContents()).join('\n');
    assert.doesNotMatch(text, /panel\.|\{|undefined/);
    assert.match(text, /Suppression de la sauvegarde du mercredi 18 décembre 2024 à\s03:00/);
    assert.match(text, /Arrêt de la sauvegarde automatique/);
    assert.match(text, /Création du jeton <img src=x/);
    assert.match(text, /Connexion × 1\s200 Refusé\s: trop d’essais.*sans connexion · 10\.0\.0\.9/);
    assert.equal(await page.locator('img').count(), 0);
  }));

  test('the policy stops a script and a handler that somebody got into the page', async () => {
    const inject = async (page) => {
      const seen = await page.evaluate(async () => {
        const stopped = [];
        document.addEventListener('securitypolicyviolation', (event) => stopped.push(`${event.effectiveDirective} ${event.blockedURI}`));
        const script = document.createElement('script');
        script.textContent = 'window.evil = 1';
        document.body.append(script);
        const image = document.createElement('img');
        image.setAttribute('onerror', 'window.evil = 2');
        const failed = new Promise((resolve) => { image.addEventListener('error', resolve); });
        image.src = '/nothing.png';
        document.body.append(image);
        await failed;
        // The events are sent as tasks of their own.
        await new Promise((resolve) => { setTimeout(resolve, 500); });
        return { evil: window.evil, stopped: stopped.sort() };
      });
      assert.deepEqual(seen, { evil: undefined, stopped: ['script-src-attr inline', 'script-src-elem inline'] });
    };
    await visit({ faulty: true }, inject);
    await visit({ faulty: true, signedIn: PASSWORD }, inject);
  });

  test('speaks English to a browser that asks for it', () => visit({ signedIn: PASSWORD, locale: 'en-GB', width: 390 }, async (page) => {
    for (const name of ['password', 'sessions', 'tokens']) await topic(page, name);
    await entries(page, 'sessions').first().waitFor();
    const text = await page.locator('#access').innerText();
    assert.match(text, /Chrome on Linux This device/);
    assert.doesNotMatch(text, /panel\.|mot de passe|appareil/i);
    await picture(page, 'access-english');
  }));

  /** Answers in the place of the box, so that nothing is counted or kept. */
  const instead = (path, method, status, json) => (page) => page.route(`**/api/access/${path}`, (route) => (
    route.request().method() === method ? route.fulfill({ status, json }) : route.continue()));

  test('a wrong password, in every form', () => inEveryForm('door-wrong', visit, {
    faulty: true,
    prepare: instead('session', 'POST', 401, { success: false, code: 'wrong_password', message: 'Ce n\'est pas le mot de passe. Vérifiez les majuscules et réessayez.' }),
  }, async (page) => {
    await page.locator('#sign-in-password').fill('trois petits fours');
    await page.keyboard.press('Enter');
    await page.locator('#sign-in-error:visible').waitFor();
  }));

  test('a token that is told, in every form', () => inEveryForm('token', visit, {
    signedIn: PASSWORD, prepare: instead('tokens', 'POST', 200, { success: true, message: 'Jeton créé', token: `neopro_${'0123456789abcdef'.repeat(4)}` }),
  }, async (page) => {
    await topic(page, 'tokens');
    await page.locator('#token-name').fill('nas-du-club');
    await page.keyboard.press('Enter');
    await page.locator('#token-secret:visible').waitFor();
  }));

  test('the question before a token is revoked, in every form', () => inEveryForm('token-revoke', visit, {
    signedIn: PASSWORD,
    prepare: instead('tokens', 'GET', 200, { tokens: [
      { name: 'nas-du-club', scope: 'download', created: '2026-01-01T00:00:00Z', expires: '2026-04-01T00:00:00Z', expired: true, used: '2026-03-01T10:00:00Z', address: '192.168.1.20' },
    ] }),
  }, async (page) => {
    await topic(page, 'tokens');
    await entries(page, 'tokens').locator('button').click();
    await page.locator('#removal[open]').waitFor();
  }));

  test('the password is changed: this device stays, the others sign in again', () => visit({ signedIn: PASSWORD, faulty: true }, (other) => visit({ signedIn: PASSWORD, faulty: true, width: 390 }, async (page) => {
    await home(other).waitFor();
    await topic(page, 'password');
    await topic(page, 'sessions');
    const change = async (now, fresh) => {
      await page.locator('#password-now').fill(now);
      await page.locator('#password-new').fill(fresh);
      await page.keyboard.press('Enter');
    };
    await change('tout autre chose', NEXT);
    await page.locator('#password-error', { hasText: 'Ce n’est pas le mot de passe' }).waitFor();
    assert.equal(await focused(page), 'password-now');
    await change(PASSWORD, '1234567890');
    await page.locator('#password-error', { hasText: 'ne convient pas' }).waitFor();
    assert.equal(await focused(page), 'password-new');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'password-wrong-390');
    await page.evaluate(() => {
      window.lost = 0;
      new MutationObserver(() => { window.lost += 1; }).observe(document.getElementById('banner'), { attributes: true });
    });
    await change(PASSWORD, NEXT);
    await page.locator('#password-done', { hasText: 'Le mot de passe est changé' }).waitFor();
    await picture(page, 'password-changed-390');
    await until(page, () => document.querySelectorAll('#sessions > .entry').length === 1);
    await door(other).waitFor();
    await doorNote(other, /Votre session est terminée/);
    // The stream is a new session's, and brings what happens.
    const archives = page.waitForResponse('**/api/status');
    await house.club.backup();
    await archives;
    assert.equal(await page.evaluate(() => window.lost), 0, 'the connection was never said to be lost');
    assert.equal(await home(page).isVisible(), true);
    await other.locator('#sign-in-password').fill(NEXT);
    await other.keyboard.press('Enter');
    await home(other).waitFor();
  })));

  test('the daemon is restarted: the connection comes back, and whoever is in stays in', () => visit({ signedIn: NEXT, faulty: true }, async (page) => {
    await home(page).waitFor();
    await house.club.stop();
    await page.locator('#banner', { hasText: 'Connexion à la box perdue' }).waitFor();
    await house.club.start();
    await page.locator('#banner').waitFor({ state: 'hidden' });
    assert.equal(await home(page).isVisible(), true);
  }));

  test('too many attempts are told with the time to wait', () => visit({ faulty: true, width: 390 }, async (page) => {
    const error = page.locator('#sign-in-error');
    for (let attempt = 0; attempt < 7 && !/Trop d’essais/.test(await error.textContent()); attempt += 1) {
      const answer = page.waitForResponse('**/api/access/session');
      await page.locator('#sign-in-password').fill(`rien de bon ${attempt}`);
      await page.keyboard.press('Enter');
      await answer;
      await error.filter({ hasText: /./ }).waitFor();
    }
    assert.match(await error.textContent(), /Trop d’essais\. Réessayez dans \d+ minutes/);
    await picture(page, 'door-too-many');
  }));

  test('no error in the console, nothing asked of other origins', () => {
    assert.deepEqual(faults, []);
  });
});
