//! The wiring: what is fetched when, and which part of the page shows it.

import { autoStatus, listBackups } from './api.js';
import { showAutomatic, showAutomaticError, startAutomatic } from './automatic.js';
import { announce, byId, icon, make, sayPage } from './dom.js';
import { showHome } from './home.js';
import { beginJournal, journalEvent, startJournal } from './journal.js';
import { refreshAges, showList, showListError, startList } from './list.js';
import { listen } from './live.js';
import { runEvent, startRun, syncRun } from './run.js';
import { loadCatalogue, say } from './text.js';

const AGES = 30_000;
const RETRY = 2000;

/** What the box last said; null is unknown. */
const state = { backups: null, status: null, automatic: null };

const loadArchives = oneAtATime(async () => {
  try {
    const answer = await listBackups();
    state.backups = answer.backups;
    state.status = answer.status;
    showListError(null);
    showList(answer);
  } catch (error) {
    showListError(error.message);
  }
  showHome(state);
  showAutomatic(state);
});

const loadSchedule = oneAtATime(async () => {
  try {
    state.automatic = await autoStatus();
    showAutomaticError(null);
  } catch (error) {
    showAutomaticError(error.message);
  }
  showHome(state);
  showAutomatic(state);
  return state.automatic;
});

async function loadEverything() {
  const [automatic] = await Promise.all([loadSchedule(), loadArchives(), syncRun().catch(() => {})]);
  beginJournal(automatic?.logs ?? '');
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

function showBanner(lost) {
  const banner = byId('banner');
  banner.hidden = !lost;
  banner.replaceChildren(...lost ? [icon('lost'), make('span', {}, say('panel.live.lost'))] : []);
  if (!lost) announce(say('panel.live.recovered'));
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

async function start() {
  await waitForCatalogue();
  sayPage();
  startRun();
  startList();
  startJournal();
  startAutomatic(loadSchedule);
  const loading = loadEverything();
  listen({
    job(event) {
      runEvent(event);
      journalEvent(event);
    },
    archives: loadArchives,
    schedule: loadSchedule,
    everything: loadEverything,
    lost: () => showBanner(true),
    back: () => showBanner(false),
  }, loading);
  await loading;
  byId('content').hidden = false;
  byId('journal-lines').scrollTop = byId('journal-lines').scrollHeight;
  setInterval(() => {
    showHome(state);
    refreshAges();
  }, AGES);
}

start();
