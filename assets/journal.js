//! What the backups say while they work, as lines; the newest at the bottom.

import { byId, make, setLabel } from './dom.js';
import { say, saySentence } from './text.js';

const MOST_LINES = 500;
const COPIED_FOR = 2500;

const clock = new Intl.DateTimeFormat('fr', { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
let beginning = null;
let restoreLabel = 0;

/** Makes "copy" work. */
export function startJournal() {
  const button = byId('journal-copy');
  button.addEventListener('click', () => copy(button));
  labelCopy('panel.journal.copy');
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
  if (event.event !== 'log') return;
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

async function copy(button) {
  const text = [...byId('journal-lines').children].map((node) => node.textContent).join('\n');
  const done = await navigator.clipboard?.writeText(text).then(() => true, () => false) || copyBySelection();
  labelCopy(done ? 'panel.journal.copied' : 'panel.journal.copy_failed');
  button.focus();
  clearTimeout(restoreLabel);
  restoreLabel = setTimeout(() => labelCopy('panel.journal.copy'), COPIED_FOR);
}

/** Plain http has no clipboard interface: select the lines and copy the selection. */
function copyBySelection() {
  const selection = getSelection();
  selection.selectAllChildren(byId('journal-lines'));
  const done = document.execCommand('copy');
  selection.removeAllRanges();
  return done;
}

function labelCopy(key) {
  const button = byId('journal-copy');
  const plain = key === 'panel.journal.copy';
  setLabel(button, key === 'panel.journal.copied' ? 'check' : 'copy', say(key));
  button.setAttribute('aria-label', plain ? say('panel.journal.copy_label') : say(key));
  if (!plain) byId('announce').textContent = say(key);
}
