//! Which page is shown: the one to sign in, the backups with the choice of the first
//! password above them, or all of it. What was shown is left by loading the page anew, so
//! that nothing of it stays: no list, no stream of events, no timer.

import { onDenied, readAccess, signOut } from './api.js';
import { startAccess } from './access.js';
import { showLost } from './banner.js';
import { byId, showText } from './dom.js';
import { grant } from './rights.js';
import { startSetUp } from './setup.js';
import { startSignIn } from './signin.js';
import { say } from './text.js';

const RETRY = 2000;
/** What the box says of itself will not change soon. */
const RETRY_ERROR = 10_000;

/** What is said after the page was left, and how it looks. */
const NOTES = { claimed: 'watch', ended: 'watch', set_up: 'good', signed_out: 'plain' };

let shown = null;
let checking = null;

/** Shows the page that fits how the door stands; `showBackups()` loads and shows the backups. */
export async function startGate(showBackups) {
  const access = await ask();
  shown = pageFor(access);
  onDenied(check);
  const note = history.state?.note;
  history.replaceState(null, '');
  tell(shown === 'sign-in' ? 'door-note' : 'note', note && say(`panel.note.${note}`), NOTES[note]);
  document.documentElement.classList.remove('noted');
  if (shown === 'sign-in') startSignIn(() => enter(showBackups));
  else await show(access, showBackups);
}

function pageFor({ mode, claimed, rights }) {
  if (!rights.includes('read')) return 'sign-in';
  if (rights.includes('person')) return 'person';
  return mode === 'password' && !claimed ? 'set-up' : 'open';
}

function tell(place, text, state = 'watch') {
  showText(byId(place), text);
  byId(place).dataset.state = state;
}

/** Asks until there is an answer: without it nothing can be shown. */
async function ask() {
  for (;;) {
    try {
      const access = await readAccess();
      showLost(false);
      tell('note', null);
      return access;
    } catch (error) {
      const isAway = error.code === 'unreachable';
      showLost(isAway);
      tell('note', isAway ? null : error.message);
      await new Promise((resolve) => { setTimeout(resolve, isAway ? RETRY : RETRY_ERROR); });
    }
  }
}

async function show(access, showBackups) {
  grant(access.rights);
  byId('open').hidden = access.mode !== 'open-lan';
  byId('pages').hidden = false;
  if (shown === 'set-up') startSetUp(() => leave('set_up'));
  if (shown === 'person') {
    startAccess(access);
    startSignOut();
  }
  await showBackups();
}

/** After signing in; a browser that keeps no cookie would be asked for ever. */
async function enter(showBackups) {
  const access = await readAccess();
  if (pageFor(access) === 'sign-in') throw new Error(say('panel.signin.no_cookie'));
  shown = pageFor(access);
  await show(access, showBackups);
  byId('door').hidden = true;
  byId('content').focus();
}

function startSignOut() {
  const button = byId('sign-out');
  button.hidden = false;
  button.addEventListener('click', async () => {
    try {
      await signOut();
      leave('signed_out');
    } catch (error) {
      tell('note', error.message);
    }
  });
}

/** Looks whether this page still fits; true when it is being left. Never twice at once. */
export function check() {
  checking ??= look().finally(() => { checking = null; });
  return checking;
}

async function look() {
  const access = await readAccess().catch(() => null);
  if (!access || pageFor(access) === shown) return false;
  const notes = { person: 'ended', 'set-up': 'claimed' };
  leave(pageFor(access) === 'set-up' ? null : notes[shown]);
  return true;
}

function leave(note) {
  history.replaceState({ note }, '');
  location.reload();
}
