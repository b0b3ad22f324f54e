//! What the backups say while they work, as lines; the newest at the bottom.

import { startCopy } from './copy.js';
import { byId, make } from './dom.js';
import { say, saySentence } from './text.js';

const MOST_LINES = 500;

const clock = new Intl.DateTimeFormat('fr', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
let beginning = null;

/** Makes "copy" work. */
export function startJournal() {
  startCopy(byId('journal-copy'), byId('journal-lines'), say('panel.journal.copy_label'));
}

/** The last lines that the box kept; they replace what is shown when they changed. */
export function beginJournal(logs) {
  if (logs === beginning) return;
  beginning = logs;
  const lines = logs.split('\n').filter((line) => line.trim() !== '');
  byId('journal-lines').replaceChildren();
  if (lines.length === 0) add(line('empty', say('panel.journal.empty')));
  for (const text of lines.slice(-MOST_LINES)) add(line('info', text));
  toEnd();
}

/** Takes one event of the stream. */
export function journalEvent(event) {
  // Who only looks does nothing that is to be read later.
  if (event.event !== 'log' || event.job.startsWith('preview-')) return;
  const place = byId('journal-lines');
  const atEnd = place.scrollHeight - place.scrollTop - place.clientHeight < 40;
  const told = saySentence(event.sentence, event.text);
  const time = clock.format(new Date(event.at));
  place.querySelector('[data-level="empty"]')?.remove();
  add(line(event.level, `${time}  ${told}`));
  if (atEnd) toEnd();
}

function line(level, text) {
  const node = make('p', { 'data-level': level });
  if (level === 'warning' || level === 'error') node.append(make('strong', {}, say(`panel.journal.${level}`)), ' ');
  node.append(text);
  return node;
}

function add(node) {
  const place = byId('journal-lines');
  place.append(node);
  while (place.childElementCount > MOST_LINES) place.firstElementChild.remove();
}

function toEnd() {
  const place = byId('journal-lines');
  place.scrollTop = place.scrollHeight;
}
