//! Forms that say themselves what is wrong, and passwords that can be looked at.

import { byId, isBusy, setBusy, setText, showText } from './dom.js';
import { say } from './text.js';

/**
 * Calls `work` with the form's fields when it is sent. An error is said in the form; one
 * that names a `field` puts the reader there.
 */
export function whenSent(form, work) {
  const button = form.querySelector('[type="submit"]');
  const error = form.querySelector('.error');
  const complain = (text, field) => {
    showText(error, text);
    field?.focus();
  };
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (isBusy(button)) return;
    showText(error, null);
    const empty = [...form.elements].find((field) => field.required && field.value.trim() === '');
    if (empty) return complain(say('panel.form.missing', { field: empty.labels[0].textContent }), empty);
    setBusy(button, true);
    try {
      await work(form.elements);
    } catch (failure) {
      complain(failure.message, form.elements[FIELDS[failure.code]]);
    }
    setBusy(button, false);
  });
}

/** The field that an error is about, by the error's code. */
const FIELDS = {
  wrong_code: 'code',
  weak_password: 'fresh',
  wrong_password: 'password',
  bad_token_name: 'name',
  token_exists: 'name',
};

/** What was typed; keyboards of phones put a space behind a word that they complete. */
export const typed = (field) => field.value.trim();

/** Makes every button that shows a password work; a form that is sent hides it again. */
export function startReveals() {
  for (const button of document.querySelectorAll('[data-reveals]')) {
    const field = byId(button.dataset.reveals);
    const show = (shown) => {
      field.type = shown ? 'text' : 'password';
      setText(button, say(shown ? 'panel.reveal.hide' : 'panel.reveal.show'));
      button.setAttribute('aria-label', say(shown ? 'panel.reveal.hide_label' : 'panel.reveal.show_label'));
    };
    button.addEventListener('click', () => show(field.type === 'password'));
    field.form.addEventListener('submit', () => show(false));
    show(false);
  }
}
