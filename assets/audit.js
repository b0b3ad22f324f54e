//! Who did what, the newest first.

import { listSessions, now, readAudit } from './api.js';
import { browserName } from './browser.js';
import { byId, make, setText, showText } from './dom.js';
import { told } from './instants.js';
import { may } from './rights.js';
import { number, say } from './text.js';
import { archiveWall, fullDay } from './when.js';

const PAGE = 20;

let entries = [];
/** The devices that are still signed in, by their session's name. */
let devices = new Map();
let shown = PAGE;

/** Makes "show more" work; who may not read the trail does not see its card. */
export function startAudit() {
  byId('trail').hidden = !may('admin');
  byId('audit-more').addEventListener('click', () => {
    const first = shown;
    shown += PAGE;
    arrange();
    const line = byId('audit').children[first];
    line.tabIndex = -1;
    line.focus();
  });
}

/** Fetches and shows the newest. */
export async function loadAudit() {
  if (!may('admin')) return;
  try {
    await showAudit();
    showText(byId('trail-error'), null);
  } catch (error) {
    showText(byId('trail-error'), error.message);
  }
}

async function showAudit() {
  const [trail, { sessions }] = await Promise.all([readAudit(), may('person') ? listSessions() : { sessions: [] }]);
  ({ entries } = trail);
  devices = new Map(sessions.map((session) => [session.id, deviceName(session)]));
  shown = PAGE;
  arrange();
}

const deviceName = ({ browser, current }) => (current ? say('panel.audit.here') : browserName(browser));

function arrange() {
  byId('audit').replaceChildren(...entries.slice(0, shown).map(line));
  byId('audit-empty').hidden = entries.length > 0;
  const rest = Math.min(PAGE, entries.length - shown);
  byId('audit-more').hidden = rest <= 0;
  setText(byId('audit-more'), say('panel.audit.more', { count: Math.max(rest, 0) }));
}

function line(entry) {
  const title = make('h3', { class: 'entry-title' }, what(entry));
  if (entry.times) title.append(` × ${number(entry.times)}`);
  if (entry.outcome !== 'done') {
    title.append(' ', make('span', { class: 'badge', 'data-state': 'act' }, say(`panel.outcome.${entry.outcome}`)));
  }
  const facts = [told(entry.at), who(entry.who), entry.address].filter(Boolean);
  return make('li', { class: 'entry' },
    make('div', { class: 'row-text' }, title, make('p', { class: 'soft figures' }, facts.join(' · '))));
}

function who({ kind, name }) {
  if (kind === 'session') return devices.get(name) ?? say('panel.who.session');
  return say(`panel.who.${kind}`, { name });
}

function what({ deed, object }) {
  if (deed === 'toggle' && object) return say(`panel.deed.toggle_${object}`);
  if (deed === 'session_end') {
    return devices.has(object) ? say('panel.deed.session_end_of', { object: devices.get(object) }) : say('panel.deed.session_end');
  }
  if (deed === 'retention') return say('panel.deed.retention', { object: rules(object) });
  return say(`panel.deed.${deed}`, { object: backupDay(object) ?? object ?? '' }).trim();
}

/** `days=14 keep_daily=30`, each in words. */
const rules = (object) => (object ?? '').split(' ').filter(Boolean).map((pair) => {
  const [rule, value] = pair.split('=');
  return say('panel.deed.rule', { rule: say(`panel.retention.${rule}`), number: value });
}).join(', ');

/** `backup-20241218-030000.tar.gz` → `mercredi 18 décembre à 03:00`. */
function backupDay(name) {
  const made = archiveWall(name);
  return made && fullDay(made, now());
}
