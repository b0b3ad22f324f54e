// Looking into a backup, restoring it, taking that back, and a box that replaces a dead one.

import assert from 'node:assert/strict';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { axe, isTooWide, picture, startBrowser } from './browser.mjs';
import { canRestart, startClub } from './daemon.mjs';

const PATIENCE = 30_000;
const PASSWORD = 'trois petits tours';
const SECRET = 'jeton-tres-secret-42';
const faults = [];

const settings = (change = {}) => `${JSON.stringify({ name: 'Club', theme: 'bleu', teams: ['N1', 'N2'], apiToken: SECRET, ...change }, null, 2)}\n`;
const FILES = {
  'configuration.json': settings(),
  'sync-agent.env': `SITE_ID=7\nAPI_TOKEN=${SECRET}\n`,
  'site.conf': 'SITE_NAME="Volley Nantes"\n',
};

const until = (page, state, argument) => page.waitForFunction(state, argument, { timeout: PATIENCE });
const opened = (page) => page.locator('#opened[open]');
const focused = (page) => page.evaluate(() => document.activeElement.id);
const result = (page, text) => page.locator('#restore-status[data-result]', { hasText: text }).waitFor();
const compared = (page) => page.locator('#opened-restore:not([aria-busy])').waitFor();

/** A club with its browser. */
async function startHouse(options) {
  const club = await startClub(options);
  const browser = await startBrowser(club.url);
  const at = (name) => join(club.folder, name);
  const read = (name) => readFile(at(name), 'utf8').catch(() => null);
  const write = (name, text) => writeFile(at(name), text);
  const backups = join(club.folder, '../backups');
  const archives = async () => (await readdir(backups)).filter((name) => name.endsWith('.gz')).sort();

  async function visit({ faulty, prepare, address = '', ...more }, work) {
    const page = await browser.page(more);
    page.setDefaultTimeout(PATIENCE);
    try {
      await prepare?.(page);
      await page.goto(`${club.url}${address}`);
      await page.locator('#content:visible, #door:visible').first().waitFor();
      await work(page);
      if (!faulty) faults.push(...page.faults);
    } finally {
      await page.unrouteAll({ behavior: 'ignoreErrors' });
      await page.context().close();
    }
  }
  const end = async (...secrets) => {
    await browser.close();
    await club.end(...secrets);
  };
  return { club, visit, read, write, at, backups, archives, end };
}

describe('a backup of the club', { concurrency: false, timeout: 600_000, skip: !canRestart }, () => {
  let house;
  let visit;
  /** The first backup, of `FILES`. */
  let first;
  before(async () => {
    house = await startHouse({ files: FILES, auth: 'open-lan' });
    ({ visit } = house);
    [first] = await house.archives();
  }, { timeout: 90_000 });
  after(() => house?.end());

  const address = () => `#${first.replace('.tar.gz', '')}`;
  /** The club's files as they were, and nothing to be taken back. */
  async function fresh() {
    for (const [name, text] of Object.entries(FILES)) await house.write(name, text);
  }
  const view = (page) => page.locator(`[data-name="${first}"] [data-action="view"]`);
  const open = async (page) => {
    await view(page).click();
    await opened(page).waitFor();
    await compared(page);
  };

  test('says that nothing has changed, and that its restore was tried', () => visit({}, async (page) => {
    await fresh();
    assert.match(await page.locator(`[data-name="${first}"] .badges`).innerText(), /Restauration vérifiée/);
    await open(page);
    assert.match(await page.locator('#opened-title').textContent(), /^Sauvegarde du .+\s\d\d:\d\d$/);
    assert.equal(await focused(page), 'opened-title');
    assert.match(await page.locator('#opened-summary').textContent(), /Rien n.a changé depuis cette sauvegarde/);
    assert.match(await page.locator('#opened-badges').innerText(), /Vérifiée\s+Restauration vérifiée/);
    assert.equal(await page.locator('#opened-changes').isVisible(), false);
  }));

  test('says what has changed since, file by file, passwords hidden', () => visit({}, async (page) => {
    await house.write('configuration.json', settings({ theme: 'rouge', apiToken: 'un-autre-secret-43', sponsor: 'Boulangerie' }));
    await open(page);
    assert.match(await page.locator('#opened-summary').textContent(), /2 réglages changés, 1 réglage en plus depuis/);
    const changes = page.locator('#changes');
    assert.match(await changes.innerText(), /Configuration du club/);
    assert.match(await changes.innerText(), /Changé\s+theme\s+.*bleu.*→.*rouge/s);
    assert.match(await changes.innerText(), /En plus\s+sponsor\s+.*Boulangerie/s);
    assert.match(await changes.innerText(), /•••/);
    const all = await page.content();
    for (const secret of [SECRET, 'un-autre-secret-43']) assert.ok(!all.includes(secret), 'a secret is shown');
    assert.deepEqual(await axe(page), []);
    await picture(page, 'opened-changed');
  }));

  test('shows a file, its secrets hidden, and lets it be downloaded', () => visit({}, async (page) => {
    await fresh();
    await open(page);
    const entry = page.locator('#members > li', { hasText: 'sync-agent.env' });
    const look = entry.locator('[aria-expanded]');
    assert.equal(await look.getAttribute('aria-label'), 'Lire : Réglages de la synchronisation'.replace(' :', '\u00a0:'));
    await look.click();
    const text = entry.locator('pre');
    await text.waitFor();
    assert.match(await text.textContent(), /SITE_ID=7\nAPI_TOKEN=•+/);
    assert.equal(await look.getAttribute('aria-expanded'), 'true');
    const json = page.locator('#members > li', { hasText: 'configuration.json' });
    await json.locator('[aria-expanded]').click();
    assert.match(await json.locator('pre').textContent(), /"theme": "bleu"/);
    assert.ok(!(await page.content()).includes(SECRET), 'the secret is in the page');
    const [download] = await Promise.all([page.waitForEvent('download'), json.locator('a').click()]);
    assert.equal(await readFile(await download.path(), 'utf8'), FILES['configuration.json']);
    await look.click();
    await text.waitFor({ state: 'hidden' });
  }));

  test('is restored and taken back', () => visit({}, async (page) => {
    const edited = settings({ theme: 'rouge' });
    await house.write('configuration.json', edited);
    await open(page);
    await page.locator('#restore-button').click();
    await result(page, 'Restauration terminée');
    assert.equal(await house.read('configuration.json'), FILES['configuration.json']);
    await page.locator('#opened-summary', { hasText: 'Rien n’a changé' }).waitFor();
    assert.deepEqual(await axe(page), []);
    await picture(page, 'restored');
    await page.locator('#restore-undo').click();
    assert.match(await page.locator('#removal-title').textContent(), /Annuler la restauration/);
    assert.equal(await house.read('configuration.json'), FILES['configuration.json'], 'not before it is confirmed');
    await picture(page, 'undo-question');
    await page.locator('#removal-confirm').click();
    await result(page, 'Restauration annulée');
    assert.equal(await house.read('configuration.json'), edited);
    assert.equal(await page.locator('#restore-undo').isVisible(), false);
  }));

  test('gives back one file alone', () => visit({}, async (page) => {
    const edited = { 'configuration.json': settings({ theme: 'vert' }), 'sync-agent.env': 'SITE_ID=8\n' };
    for (const [name, text] of Object.entries(edited)) await house.write(name, text);
    await open(page);
    for (const name of ['Configuration du club', 'Réglages du site']) await page.getByRole('checkbox', { name }).uncheck();
    await page.locator('#restore-button').click();
    await result(page, 'Restauration terminée');
    assert.equal(await house.read('sync-agent.env'), FILES['sync-agent.env']);
    assert.equal(await house.read('configuration.json'), edited['configuration.json']);
  }));
});
