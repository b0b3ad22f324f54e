//! The devices that are signed in.

import { endSession, listSessions } from './api.js';
import { browserName } from './browser.js';
import { announce, byId, isBusy, make, setBusy, showText } from './dom.js';
import { lastUse, told } from './instants.js';
import { say } from './text.js';

/** Fetches and shows them; this device leads. */
export async function showSessions() {
  const { sessions } = await listSessions();
  const own = sessions.filter((session) => session.current);
  const others = sessions.filter((session) => !session.current);
  byId('sessions').replaceChildren(...[...own, ...others].map(row));
}

function row(session) {
  const name = browserName(session.browser);
  const title = make('h3', { class: 'entry-title' }, name);
  const facts = [session.address, say('panel.sessions.since', { when: told(session.created) })];
  if (!session.current) facts.push(lastUse(session.used));
  const error = make('p', { class: 'error', role: 'alert', hidden: '' });
  const text = make('div', { class: 'row-text' }, title, make('p', { class: 'soft figures' }, facts.join(' · ')), error);
  if (session.current) title.append(' ', make('span', { class: 'badge', 'data-state': 'good' }, say('panel.sessions.here')));
  const button = make('button', { class: 'button small', type: 'button' }, say('panel.sessions.end'));
  button.setAttribute('aria-label', say('panel.sessions.end_label', { name, when: told(session.created) }));
  const node = make('li', { class: 'entry' }, text, button);
  // This very device is signed out, as by the button at the top of the page.
  button.addEventListener('click', () => (session.current ? byId('sign-out').click() : end(session.id)));

  async function end(id) {
    if (isBusy(button)) return;
    setBusy(button, true);
    try {
      await endSession(id);
    } catch (failure) {
      setBusy(button, false);
      // When another was quicker, it has ended all the same.
      if (failure.code !== 'session_not_found') return showText(error, failure.message);
    }
    const next = node.nextElementSibling ?? node.previousElementSibling;
    node.remove();
    next?.querySelector('button').focus();
    announce(say('panel.sessions.ended', { name }));
  }
  return node;
}
