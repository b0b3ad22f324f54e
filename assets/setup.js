//! The first use: whoever has the code of the installation chooses the club's password.

import { setUp } from './api.js';
import { byId } from './dom.js';
import { typed, whenSent } from './form.js';

/** Signs that no code has, such as the dash that a keyboard makes long. */
const OTHER_SIGNS = /[^0-9A-Z]/g;

/** `done()` shows the page to whoever has just become a person. */
export function startSetUp(done) {
  byId('setup').hidden = false;
  whenSent(byId('setup-form'), async ({ code, fresh }) => {
    await setUp(code.value.toUpperCase().replace(OTHER_SIGNS, ''), typed(fresh));
    done();
  });
}
