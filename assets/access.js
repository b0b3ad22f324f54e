//! The page "Accès": its topics are fetched when it is first visited and whenever one is opened,
//! and what goes wrong is said in it.

import { byId, showText } from './dom.js';
import { startPassword } from './password.js';
import { showSessions } from './sessions.js';
import { say } from './text.js';
import { showTokens, startTokens } from './tokens.js';

/** `access` of `GET /api/access`. */
export function startAccess({ mode, secure }) {
  byId('access').hidden = false;
  showText(byId('access-plain'), mode === 'password' && !secure && say('panel.access.plain'));
  const sessions = topic('access-sessions', showSessions);
  startPassword(sessions);
  startTokens(topic('access-tokens', showTokens));
}

const topics = [];

/** Fetches all topics: so what is opened is there at once, and nothing below it jumps. */
export const loadAccess = () => Promise.all(topics.map((load) => load()));

/** Loads the topic whenever it is opened; what comes back loads it again where it is open. */
function topic(id, load) {
  const details = byId(id);
  const error = details.querySelector('.topic-error');
  const fetchAll = async () => {
    try {
      await load();
      showText(error, null);
    } catch (failure) {
      showText(error, failure.message);
    }
  };
  const reload = async () => { if (details.open) await fetchAll(); };
  details.addEventListener('toggle', reload);
  topics.push(fetchAll);
  return reload;
}
