//! The wiring: what is fetched when, and which part of the page shows it.

import { loadAccess } from './access.js';
import { listJobs, readStatus } from './api.js';
import { loadAudit, startAudit } from './audit.js';
import { loadAutomatic, refreshAutomatic, startAutomatic } from './automatic.js';
import { startBackups } from './backup.js';
import { showLost } from './banner.js';
import { byId } from './dom.js';
import { startReveals } from './form.js';
import { check, startGate } from './gate.js';
import { showHome, showUnknown, startHome } from './home.js';
import { startImport } from './import.js';
import { journalEvent, loadJournal, startJournal } from './journal.js';
import { loadList, refreshAges, startList } from './list.js';
import { listen } from './live.js';
import { showNights, startNights } from './nights.js';
import { startPages } from './pages.js';
import { showPlace } from './place.js';
import { restoreEvent, syncRestore } from './restoring.js';
import { loadRetention, startRetention } from './retention.js';
import { runEvent, startRun, syncRun } from './run.js';
import { startSheet } from './sheet.js';
import { loadCatalogue } from './text.js';
import { loadRestored, refreshRestored, startRestored } from './undo.js';
import { startViews } from './view.js';

const AGES = 30_000;
const RETRY = 2000;

const loadStatus = oneAtATime(async () => {
  try {
    showStatus(await readStatus());
  } catch (error) {
    showUnknown(error.message);
  }
});

/** What each page shows besides; it is fetched when the page is first visited, and then kept up. */
const pages = {
  backups: oneAtATime(() => loadList()),
  automatic: oneAtATime(() => Promise.all([loadAutomatic(), loadRetention()])),
  journal: oneAtATime(() => Promise.all([loadJournal(), loadAudit()])),
  access: loadAccess,
};
const visited = new Set();

function showStatus(status) {
  showHome(status);
  showNights(status.nights);
  showPlace(status);
}

/** Fetches again what these pages show, where somebody has been there. */
const renew = (...names) => Promise.all(names.filter((name) => visited.has(name)).map((name) => pages[name]()));

const loadEverything = () => Promise.all([
  loadStatus(), loadRestored(), joinJobs().catch(() => {}), renew('backups', 'automatic', 'journal'),
]);

async function joinJobs() {
  const { jobs } = await listJobs();
  await Promise.all([syncRun(jobs), syncRestore(jobs)]);
}

/** Calls that come while one is at work become one more call after it. */
function oneAtATime(work) {
  let current = null;
  let next = null;
  return function call() {
    if (!current) {
      current = work().finally(() => { current = null; });
      return current;
    }
    next ??= current.then(() => {
      next = null;
      return call();
    });
    return next;
  };
}

/** Without its words the page can say nothing: it tries until it has them. */
async function waitForCatalogue() {
  for (;;) {
    try {
      return await loadCatalogue();
    } catch {
      await new Promise((resolve) => { setTimeout(resolve, RETRY); });
    }
  }
}

/** Loads the backups and shows them when all is there. */
async function showBackups() {
  startHome(loadStatus);
  startNights();
  startRun();
  startList();
  startImport();
  startBackups();
  startSheet();
  startRestored();
  startJournal();
  startAudit();
  startAutomatic();
  startRetention();
  // What came with the page itself needs no question.
  const told = JSON.parse(byId('told').textContent || 'null');
  if (told) showStatus(told);
  const loading = Promise.all([told ?? loadStatus(), loadRestored(), joinJobs().catch(() => {})]);
  listen({
    job(event) {
      runEvent(event);
      restoreEvent(event);
      journalEvent(event);
      if (event.event === 'done' || event.event === 'interrupted') loadStatus();
    },
    archives: () => Promise.all([loadStatus(), renew('backups', 'automatic')]),
    schedule: () => Promise.all([loadStatus(), renew('automatic')]),
    everything: loadEverything,
    lost: () => showLost(true),
    back: () => showLost(false),
    refused: check,
  }, loading);
  await loading;
  byId('content').hidden = false;
  await startPages(Object.fromEntries(Object.keys(pages).map((name) => [name, () => {
    visited.add(name);
    return pages[name]();
  }])));
  setInterval(() => {
    // Whoever comes back to a hidden page has all of it read anew.
    if (document.hidden) return;
    loadStatus();
    refreshAges();
    refreshAutomatic();
    refreshRestored();
  }, AGES);
  startViews();
  byId('content').removeAttribute('aria-busy');
}

async function start() {
  await waitForCatalogue();
  startReveals();
  await startGate(showBackups);
}

start();
