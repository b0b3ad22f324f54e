//! Signing in: nothing else is shown or asked for before.

import { signIn } from './api.js';
import { byId } from './dom.js';
import { typed, whenSent } from './form.js';
import { say } from './text.js';

/** `enter()` shows the backups. */
export function startSignIn(enter) {
  document.title = `${say('panel.signin.action')} · ${say('panel.title')}`;
  document.querySelector('.skip').hidden = true;
  byId('door').hidden = false;
  byId('door').removeAttribute('aria-busy');
  byId('sign-in-password').focus();
  whenSent(byId('sign-in'), async ({ password }) => {
    await signIn(typed(password));
    password.value = '';
    document.querySelector('.skip').hidden = false;
    await enter();
  });
}
