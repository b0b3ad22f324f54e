// A real Chromium with a fresh profile, and pages that report what must not happen.

import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
export const shots = process.env.PANEL_SHOTS ?? await mkdtemp(join(tmpdir(), 'panel-shots-'));
await mkdir(shots, { recursive: true });
console.log(`# screenshots: ${shots}`);

const flags = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

/** One browser; `page(options)` gives a page of its own context, `close()` ends all. */
export async function startBrowser(url) {
  const profile = await mkdtemp(join(tmpdir(), 'panel-profile-'));
  // One persistent context per browser: Debian's Chromium gets its profile folder that way.
  const root = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags, timeout: 60_000,
  });
  const browser = root.browser();

  async function page({ width = 1440, height = 900, scheme = 'light', locale = 'fr-FR', ...more } = {}) {
    const context = await browser.newContext({
      viewport: { width, height }, colorScheme: scheme, locale, acceptDownloads: true, ...more,
    });
    const made = await context.newPage();
    made.faults = [];
    made.on('console', (message) => {
      // Another program on this machine has changed its network: Chromium gives up what it asks.
      if (message.text().includes('ERR_NETWORK_CHANGED')) return;
      if (['error', 'warning'].includes(message.type())) made.faults.push(`${message.type()}: ${message.text()}`);
    });
    made.on('pageerror', (error) => made.faults.push(`exception: ${error}`));
    made.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:')) made.faults.push(`foreign: ${request.url()}`);
    });
    await made.addInitScript(watchShifts);
    return made;
  }

  async function close() {
    await root.close();
    await rm(profile, { recursive: true, force: true });
  }
  return { page, close };
}

/** Opens the panel, at this address, and waits until it is complete. */
export async function open(page, url, address = '') {
  await page.goto(`${url}${address}`);
  await complete(page);
  return page;
}

/** Waits until the panel has all that it shows. */
export const complete = (page) => page.locator('#content:visible:not([aria-busy])').waitFor();

/** Goes to a page of the panel as its link does, without the link. */
export async function goTo(page, name) {
  await page.evaluate((hash) => { location.hash = hash; }, name);
  await page.locator(`html[data-page="${name}"]`).waitFor();
}

/* Runs in the page: sums layout shifts that no input of the reader caused. */
function watchShifts() {
  window.shift = 0;
  window.shifted = [];
  const name = ({ node }) => node?.id || node?.className || node?.nodeName;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries().filter((one) => !one.hadRecentInput)) {
      window.shift += entry.value;
      window.shifted.push(...entry.sources.map(name));
    }
  }).observe({ type: 'layout-shift', buffered: true });
}

/** Layout shift so far. */
export const shift = (page) => page.evaluate(() => window.shift);

/** Accessibility violations, a line each. */
export async function axe(page) {
  // Chrome's debugger may evaluate what the page's own policy forbids to run.
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations.flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target} ${node.failureSummary}`));
}

/** Whether the page is wider than the window. */
export const isTooWide = (page) => page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);

/** Keeps a picture of the whole page, or of the window while a dialog covers it. */
export async function picture(page, name) {
  const covered = await page.locator('dialog[open]').count() > 0;
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: !covered });
}
