//! What the backups say while they work, as lines; the newest at the bottom.

import { readJournal } from './api.js';
import { startCopy } from './copy.js';
import { byId, make, showText } from './dom.js';
import { say, typeset } from './text.js';
import { toTheSecond, wall } from './when.js';

const MOST_LINES = 500;
const LEVELS = ['info', 'warning', 'error'];

/** The least level that is shown. */
let level = 'info';
let question = 0;

/** Makes the filter and "copy" work. */
export function startJournal() {
  startCopy(byId('journal-copy'), byId('journal-lines'), say('panel.journal.copy_label'));
  byId('journal-level').addEventListener('change', ({ target }) => {
    level = target.value;
    loadJournal();
  });
}

/** The last lines that the box kept; they replace what is shown. */
export async function loadJournal() {
  question += 1;
  const mine = question;
  try {
    const { entries } = await readJournal(level);
    if (mine !== question) return;
    showText(byId('journal-failure'), null);
    const lines = entries.slice(-MOST_LINES).map(({ at, level: rank, text }) => line(rank, at, text));
    byId('journal-lines').replaceChildren(...lines.length > 0 ? lines : [nothing()]);
    toEnd();
  } catch (error) {
    if (mine === question) showText(byId('journal-failure'), error.message);
  }
}

/** Takes one event of the stream. */
export function journalEvent(event) {
  // Who only looks does nothing that is to be read later.
  if (event.event !== 'log' || event.job.startsWith('preview-')) return;
  if (LEVELS.indexOf(event.level) < LEVELS.indexOf(level)) return;
  const place = byId('journal-lines');
  const atEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 40;
  place.querySelector('[data-level="empty"]')?.remove();
  place.append(line(event.level, event.at, typeset(event.text)));
  while (place.childElementCount > MOST_LINES) place.firstElementChild.remove();
  if (atEnd) toEnd();
}

const nothing = () => make('div', { 'data-level': 'empty' }, say(level === 'info' ? 'panel.journal.empty' : 'panel.journal.nothing'));

function line(rank, at, text) {
  // No paragraph: what is copied has a line an entry, and no empty ones between.
  const node = make('div', { 'data-level': rank });
  if (at) node.append(make('time', { datetime: at }, toTheSecond(wall(at))), ' ');
  if (rank !== 'info') node.append(make('strong', {}, say(`panel.journal.${rank}`)), ' ');
  node.append(text);
  return node;
}

function toEnd() {
  const place = byId('journal-lines');
  place.scrollTop = place.scrollHeight;
}
