//! The backups, newest first, a page at a time: 10,000 archives stay quick, since the box
//! searches and sends no more than what is shown. Rows are kept and changed in place, so that
//! focus and reading position survive every update.

import { listBackups } from './api.js';
import { byId, make, setText, showText } from './dom.js';
import { removeBackup } from './remove.js';
import { may } from './rights.js';
import { makeRow } from './row.js';
import { number, say, size } from './text.js';

const PAGE = 50;
/** The box sends no more at once. */
const MOST_AT_ONCE = 500;
/** Between the last letter that is typed and the question. */
const PAUSE = 200;

const rows = new Map();
let backups = [];
/** How many match what is looked for; null before the first answer. */
let matching = null;
let wanted = { q: '', only: '' };
/** Answers that come late, to a question that was asked before, are not shown. */
let question = 0;
/** How many are to be shown at least. */
let count = PAGE;

/** Makes the search and "show more" work. */
export function startList() {
  let pause = 0;
  const look = () => {
    const only = byId('search').elements.only.value;
    const q = byId('search-words').value.trim();
    if (q === wanted.q && only === wanted.only) return;
    wanted = { q, only };
    count = PAGE;
    loadList();
  };
  byId('search').addEventListener('input', ({ target }) => {
    clearTimeout(pause);
    pause = setTimeout(look, target.type === 'search' ? PAUSE : 0);
  });
  byId('search').addEventListener('submit', (event) => {
    event.preventDefault();
    clearTimeout(pause);
    look();
  });
  byId('list-more').addEventListener('click', async () => {
    const from = backups.length;
    count = from + PAGE;
    await loadList();
    rows.get(backups[from]?.name)?.focusTitle();
  });
}

/** The backup of this name, where the list shows it. */
export const backupOf = (name) => backups.find((backup) => backup.name === name);

/** Reads the first of the list anew, as many as are to be shown, and shows them. */
export async function loadList() {
  question += 1;
  const mine = question;
  try {
    const found = [];
    let answer;
    do {
      answer = await listBackups({ ...wanted, limit: Math.min(count - found.length, MOST_AT_ONCE), offset: found.length });
      if (mine !== question) return;
      found.push(...answer.backups);
    } while (answer.backups.length > 0 && found.length < Math.min(count, answer.matching));
    backups = found;
    ({ matching } = answer);
    showText(byId('list-error'), null);
    showTotals(answer);
    arrange();
  } catch (error) {
    if (mine === question) showText(byId('list-error'), error.message);
  }
}

const isSearched = () => wanted.q !== '' || wanted.only !== '';

function showTotals({ total, totalSize }) {
  setText(byId('list-total'), total > 0 ? say('panel.list.total', { count: total, number: number(total), size: size(totalSize) }) : '');
  byId('search').hidden = total === 0;
  setText(byId('search-found'), isSearched() ? say('panel.search.found', { count: matching, number: number(matching) }) : '');
  const empty = byId('list-empty');
  empty.hidden = matching > 0;
  if (matching === 0 && total > 0) empty.replaceChildren(say('panel.search.none'), make('br'), allButton());
  else if (matching === 0) setText(empty, say(may('admin') ? 'panel.list.new_box' : 'panel.list.empty'));
}

function allButton() {
  const button = make('button', { class: 'button', type: 'button' }, say('panel.search.show_all'));
  button.addEventListener('click', () => {
    byId('search').reset();
    byId('search').requestSubmit();
    byId('search-words').focus();
  });
  return button;
}

/** Ages grow: called every half minute. */
export function refreshAges() {
  for (const backup of backups) rows.get(backup.name)?.update(backup);
}

function arrange() {
  const list = byId('list');
  const shown = new Set(backups.map((backup) => backup.name));
  for (const [name, row] of rows) {
    if (shown.has(name)) continue;
    row.node.remove();
    rows.delete(name);
  }
  let place = list.firstElementChild;
  for (const backup of backups) {
    if (!rows.has(backup.name)) rows.set(backup.name, makeRow(backup, remove));
    const row = rows.get(backup.name);
    row.update(backup);
    if (row.node === place) place = place.nextElementSibling;
    else list.insertBefore(row.node, place);
  }
  const rest = Math.min(PAGE, matching - backups.length);
  const more = byId('list-more');
  more.hidden = rest <= 0;
  setText(more, say('panel.list.more', { count: Math.max(rest, 0) }));
}

/** Deletes after asking; focus goes to the row that takes the place. */
async function remove(backup) {
  const place = backups.findIndex((one) => one.name === backup.name);
  const neighbour = backups[place + 1] ?? backups[place - 1];
  if (!await removeBackup(backup)) return;
  await loadList();
  const next = neighbour && rows.get(neighbour.name);
  if (next) next.focus();
  else byId('list-title').focus();
}
