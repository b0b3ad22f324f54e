//! The backups, newest first, a page at a time: 10,000 archives stay quick. Rows are kept
//! and changed in place, so that focus and reading position survive every update.

import { byId, setText, showText } from './dom.js';
import { removeBackup } from './remove.js';
import { may } from './rights.js';
import { makeRow } from './row.js';
import { number, say, size } from './text.js';

const PAGE = 50;

const rows = new Map();
let backups = [];
let shown = PAGE;
/** The minutes in which more than one backup was made. */
let twins = new Set();

/** Makes "show more" work. */
export function startList() {
  byId('list-more').addEventListener('click', () => {
    const first = shown;
    shown += PAGE;
    arrange();
    rows.get(backups[first]?.name)?.focus();
  });
}

/** `answer` of `GET /api/backups`. */
export function showList(answer) {
  ({ backups } = answer);
  const { total, totalSize } = answer;
  showText(byId('list-total'), total > 0
    && say('panel.list.total', { count: total, number: number(total), size: size(totalSize) }));
  twins = minutesOfSeveral();
  showText(byId('list-empty'), backups.length === 0 && say(may('admin') ? 'panel.list.new_box' : 'panel.list.empty'));
  // On a box that has none it is what one came for.
  byId('import-button').classList.toggle('primary', backups.length === 0);
  arrange();
}

/** The backup of this name as the list knows it. */
export const backupOf = (name) => backups.find((backup) => backup.name === name);

const minuteOf = (backup) => backup.date.slice(0, '2024-12-18 03:00'.length);

function minutesOfSeveral() {
  const seen = new Set();
  const several = new Set();
  for (const minute of backups.map(minuteOf)) (seen.has(minute) ? several : seen).add(minute);
  return several;
}

/** Ages grow: called every half minute. */
export function refreshAges() {
  for (const backup of backups.slice(0, shown)) rows.get(backup.name)?.update(backup, twins.has(minuteOf(backup)));
}

/** Says why the list could not be read; null takes it back. */
export function showListError(text) {
  showText(byId('list-error'), text);
}

function arrange() {
  const list = byId('list');
  const page = backups.slice(0, shown);
  const wanted = new Set(page.map((backup) => backup.name));
  for (const [name, row] of rows) {
    if (wanted.has(name)) continue;
    row.node.remove();
    rows.delete(name);
  }
  let place = list.firstElementChild;
  for (const backup of page) {
    if (!rows.has(backup.name)) rows.set(backup.name, makeRow(backup, remove));
    const row = rows.get(backup.name);
    row.update(backup, twins.has(minuteOf(backup)));
    if (row.node === place) place = place.nextElementSibling;
    else list.insertBefore(row.node, place);
  }
  const rest = Math.min(PAGE, backups.length - shown);
  const more = byId('list-more');
  more.hidden = rest <= 0;
  setText(more, say('panel.list.more', { count: Math.max(rest, 0) }));
}

/** Deletes after asking; focus goes to the row that takes the place. */
async function remove(backup) {
  const place = backups.findIndex((one) => one.name === backup.name);
  const neighbour = backups[place + 1] ?? backups[place - 1];
  if (!await removeBackup(backup, backups)) return;
  showList(without(backup.name));
  const next = neighbour && rows.get(neighbour.name);
  if (next) next.focus();
  else byId('list-title').focus();
}

function without(name) {
  const rest = backups.filter((backup) => backup.name !== name);
  return { backups: rest, total: rest.length, totalSize: rest.reduce((sum, one) => sum + one.sizeBytes, 0) };
}
