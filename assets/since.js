//! What had changed when a backup was made, since the one before it: asked for when it is opened.

import { compareBackups, listBackups } from './api.js';
import { showChanges } from './compare.js';
import { byId, setText, showText } from './dom.js';
import { say, typeset } from './text.js';

/** The box sends no more names at once. */
const MOST_AT_ONCE = 500;
const WORDS = { before: 'panel.since.before', after: 'panel.since.after', added: 'panel.since.added', removed: 'panel.since.removed' };

/** The backup that is opened; what comes late for another is not shown. */
let opened = null;

/** Makes the topic work. */
export function startSince() {
  byId('since').addEventListener('toggle', () => { if (byId('since').open) load(opened); });
}

/** For a backup that is being opened. */
export function clearSince(name) {
  opened = name;
  byId('since').open = false;
  setText(byId('since-summary'), '');
  showText(byId('since-error'), null);
  byId('since-changes').replaceChildren();
}

async function load(name) {
  try {
    setText(byId('since-summary'), say('panel.opened.comparing'));
    const before = await previousOf(name);
    const difference = before && await compareBackups(before, name);
    if (opened !== name) return;
    setText(byId('since-summary'), difference ? typeset(difference.summary) : say('panel.since.first'));
    if (difference) showChanges(byId('since-changes'), difference, WORDS);
  } catch (error) {
    if (opened !== name) return;
    setText(byId('since-summary'), '');
    showText(byId('since-error'), error.message);
  }
}

/** The name of the backup before this one; null where it is the oldest. */
async function previousOf(name) {
  for (let offset = 0; ; offset += MOST_AT_ONCE) {
    const { backups, total } = await listBackups({ offset, limit: MOST_AT_ONCE });
    const place = backups.findIndex((one) => one.name === name);
    if (place >= 0) return (await listBackups({ offset: offset + place + 1, limit: 1 })).backups[0]?.name ?? null;
    if (offset + MOST_AT_ONCE >= total) return null;
  }
}
