//! Asks before something is lost: what it is, what remains, and a word to type where it
//! weighs that much. There is one question at a time.

import { byId, isBusy, make, setBusy, setText } from './dom.js';
import { say } from './text.js';

/** Ends the question that is being asked. */
let end = () => {};

/**
 * `title`, `sentences` and `action` are what is read, `label` names the object on the
 * button, `word` must be typed. `work()` does it; its error is shown, and may be tried
 * again. The answer is true when it is done, false when the reader changed his mind, which
 * `back` says in other words than "cancel". `calm`: nothing is lost for good.
 */
export function ask({ title, sentences, action, label, word, back, calm = false, work }) {
  const dialog = byId('removal');
  const confirm = byId('removal-confirm');
  const input = byId('removal-input');
  const error = byId('removal-error');
  end(false);
  setText(byId('removal-title'), title);
  byId('removal-text').replaceChildren(...sentences.map((text) => make('p', {}, text)));
  byId('removal-word').hidden = !word;
  setText(byId('removal-label'), word ? say('panel.delete.type', { word }) : '');
  input.value = '';
  setText(error, '');
  setBusy(confirm, false);
  confirm.className = `button ${calm ? 'primary' : 'danger'}`;
  setText(confirm, action);
  setText(byId('removal-cancel'), back ?? say('panel.delete.cancel'));
  confirm.setAttribute('aria-label', label);

  return new Promise((resolve) => {
    const ends = new AbortController();
    const on = (element, event, listener) => element.addEventListener(event, listener, { signal: ends.signal });
    const finish = (done) => {
      if (ends.signal.aborted) return;
      ends.abort();
      dialog.close();
      resolve(done);
    };
    end = finish;

    on(byId('removal-cancel'), 'click', () => finish(false));
    on(input, 'input', () => setText(error, ''));
    on(dialog, 'cancel', (event) => {
      event.preventDefault();
      finish(false);
    });
    // The event of an earlier closing may come late, when the dialog is open again.
    on(dialog, 'close', () => { if (!dialog.open) finish(false); });
    on(byId('removal-form'), 'submit', async (event) => {
      event.preventDefault();
      if (isBusy(confirm)) return;
      if (word && input.value.trim().toLocaleUpperCase() !== word) {
        setText(error, say('panel.delete.wrong', { word }));
        input.focus();
        return;
      }
      setBusy(confirm, true);
      const problem = await work().then(() => null, (failure) => failure);
      if (ends.signal.aborted) return;
      setBusy(confirm, false);
      if (problem) setText(error, problem.message);
      else finish(true);
    });
    dialog.showModal();
    byId('removal-cancel').focus();
  });
}
