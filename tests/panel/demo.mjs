// A fresh demo with its browser, and what the tests of the pages do there again and again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axe, complete, isTooWide, open, picture, shift, startBrowser } from './browser.mjs';
import { startDaemon } from './daemon.mjs';

export const PATIENCE = 30_000;

/**
 * `visit({ address, faulty, prepare, … }, work)` shows the panel at this address and works on
 * it; its faults are counted in `faults` unless they are wanted.
 */
export async function startDemo() {
  const daemon = await startDaemon();
  const browser = await startBrowser(daemon.url);
  const faults = [];
  async function visit({ address = '', faulty = false, prepare, ...options }, work) {
    const page = await browser.page(options);
    page.setDefaultTimeout(PATIENCE);
    try {
      await prepare?.(page);
      await open(page, daemon.url, address);
      await work(page);
      if (!faulty) faults.push(...page.faults);
    } finally {
      // A faked answer that is on its way must not outlive the page.
      await page.unrouteAll({ behavior: 'wait' });
      await page.context().close();
    }
  }
  async function end() {
    await browser.close();
    await daemon.stop();
  }
  return { daemon, visit, faults, end };
}

export const until = (page, state, argument) => page.waitForFunction(state, argument, { timeout: PATIENCE });
export const rows = (page) => page.locator('#list > .row');
export const action = (page, name, row = 0) => rows(page).nth(row).locator(`[data-action="${name}"]`);
export const untilRows = (page, count) => until(page, (n) => document.querySelectorAll('#list > .row').length === n, count);
export const focused = (page) => page.evaluate(() => document.activeElement.id || document.activeElement.dataset.action);

/** Makes a backup on the page of the backups and waits for its row. */
export async function makeBackup(page) {
  const before = await rows(page).first().getAttribute('data-name');
  await page.locator('#run-button').click();
  await page.locator('#run[data-result]').waitFor();
  await until(page, (name) => document.querySelector('#list > .row').dataset.name !== name, before);
}

/** What the API answers at this path, with some of it replaced. */
export const fake = (page, path, change) => page.route((url) => url.pathname === path, async (route) => {
  const answer = await route.fetch();
  await route.fulfill({ response: answer, json: change(await answer.json()) });
});

/** How the backups stand, with some of it replaced: in the page itself, and when it is asked for. */
export async function fakeStatus(page, change) {
  await fake(page, '/api/status', change);
  await page.route((url) => url.pathname === '/', async (route) => {
    const answer = await route.fetch();
    const told = (text) => JSON.stringify(change(JSON.parse(text))).replaceAll('<', '\\u003c');
    const page = await answer.text();
    const [, now] = /<script id="told"[^>]*>(.*?)<\/script>/s.exec(page);
    const { state, sentence, causes } = change(JSON.parse(now));
    const shown = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const body = page.replace(/(<script id="told"[^>]*>)(.*?)(<\/script>)/s, (all, before, text, after) => before + told(text) + after)
      .replace(/(<h1 id="sentence"[^>]*>)[^<]*/, (all, before) => before + shown(sentence.replace(/\.$/, '')))
      .replace(/(<p id="advice"[^>]*>)[^<]*/, (all, before) => before + (causes[0] ? shown(causes[0].advice ?? '') : 'Il n’y a rien à faire.'))
      .replace(/(id="verdict"[^>]*data-state=")\w+/, (all, before) => before + state);
    await route.fulfill({ response: answer, body });
  });
}

/** Presses Tab until the element that matches has the focus. */
export async function tabTo(page, selector, most = 60) {
  for (let press = 0; press < most; press += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
  }
  throw new Error(`${selector} cannot be reached by keyboard`);
}

/** The page is loaded anew. */
export async function reload(page) {
  await page.reload();
  await complete(page);
}

/** Looks at what is shown: accessible, no wider than the window; and keeps a picture of it. */
export async function look(page, name) {
  assert.deepEqual(await axe(page), [], name);
  assert.equal(await isTooWide(page), false, name);
  await picture(page, name);
}

/**
 * Tests a page at the sizes and in the themes that people have. `visit()` shows it with these
 * options, to which `more` are added; `then(page, form)` goes on from there.
 */
export function testEveryForm(name, visit, { more = {}, then = async () => {} } = {}) {
  for (const scheme of ['light', 'dark']) {
    for (const [width, height] of [[360, 780], [768, 1024], [1440, 900]]) {
      const form = `${width}-${scheme}`;
      test(`${name}, ${width} px, ${scheme}: accessible, no wider than the window, nothing jumps`, () => visit({ width, height, scheme, ...more }, async (page) => {
        await page.waitForLoadState('load');
        await look(page, `${name}-${form}`);
        await then(page, form);
        assert.equal(await shift(page), 0);
      }));
    }
  }
}
