//! The wiring: what is fetched when, and which part of the page shows it.

import { autoStatus, listBackups, listJobs } from './api.js';
import { showAutomatic, showAutomaticError, startAutomatic } from './automatic.js';
import { startBackups } from './backup.js';
import { showLost } from './banner.js';
import { byId, sayPage } from './dom.js';
import { startReveals } from './form.js';
import { check, startGate } from './gate.js';
import { showHome } from './home.js';
import { startImport } from './import.js';
import { beginJournal, journalEvent, startJournal } from './journal.js';
import { refreshAges, showList, showListError, startList } from './list.js';
import { listen } from './live.js';
import { restoreEvent, syncRestore } from './restoring.js';
import { runEvent, startRun, syncRun } from './run.js';
import { startSheet } from './sheet.js';
import { loadCatalogue } from './text.js';
import { loadRestored, refreshRestored, startRestored } from './undo.js';
import { startViews } from './view.js';

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
  const [automatic] = await Promise.all([loadSchedule(), loadArchives(), loadRestored(), joinJobs().catch(() => {})]);
  beginJournal(automatic?.logs ?? '');
}

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
  startRun();
  startList();
  startImport();
  startBackups();
  startSheet();
  startRestored();
  startJournal();
  startAutomatic(loadSchedule);
  const loading = loadEverything();
  listen({
    job(event) {
      runEvent(event);
      restoreEvent(event);
      journalEvent(event);
    },
    archives: loadArchives,
    schedule: loadSchedule,
    everything: loadEverything,
    lost: () => showLost(true),
    back: () => showLost(false),
    refused: check,
  }, loading);
  await loading;
  byId('content').hidden = false;
  byId('journal-lines').scrollTop = byId('journal-lines').scrollHeight;
  setInterval(() => {
    showHome(state);
    refreshAges();
    refreshRestored();
  }, AGES);
  startViews();
}

async function start() {
  await waitForCatalogue();
  sayPage();
  startReveals();
  await startGate(showBackups);
}

start();
