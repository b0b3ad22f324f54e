//! Another password, for whoever knows the present one.

import { changePassword } from './api.js';
import { byId, showText } from './dom.js';
import { typed, whenSent } from './form.js';
import { reconnect } from './live.js';
import { say } from './text.js';

/** `reloadSessions()`: every session but this one has ended. */
export function startPassword(reloadSessions) {
  const form = byId('password-form');
  whenSent(form, async ({ password, fresh }) => {
    showText(byId('password-done'), null);
    await changePassword(typed(password), typed(fresh));
    form.reset();
    showText(byId('password-done'), say('panel.password.done'));
    // The stream belonged to the session before.
    reconnect();
    await reloadSessions();
  });
}
