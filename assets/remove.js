//! Asks before it deletes: names the day, says what remains, wants the word for the last good one.

import { deleteBackup, now } from './api.js';
import { announce, byId, isBusy, make, setBusy, setText } from './dom.js';
import { madeAt } from './row.js';
import { say } from './text.js';
import { isLastGood } from './verdict.js';
import { fullDay, nearDay } from './when.js';

/** Ends the question that is being asked; there is never more than one. */
let end = () => {};

/** True when the backup is gone, false when the reader changed his mind. */
export function removeBackup(backup, backups) {
  const dialog = byId('removal');
  const confirm = byId('removal-confirm');
  const input = byId('removal-input');
  const when = fullDay(madeAt(backup), now());
  const word = isLastGood(backup, backups) ? say('panel.delete.word') : null;
  end(false);
  fill(backup, backups, when, word);

  return new Promise((resolve) => {
    const ends = new AbortController();
    const on = (element, event, work) => element.addEventListener(event, work, { signal: ends.signal });
    const finish = (gone) => {
      if (ends.signal.aborted) return;
      ends.abort();
      dialog.close();
      resolve(gone);
    };
    end = finish;

    on(byId('removal-cancel'), 'click', () => finish(false));
    on(input, 'input', () => setText(byId('removal-error'), ''));
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
        setText(byId('removal-error'), say('panel.delete.wrong', { word }));
        input.focus();
        return;
      }
      setBusy(confirm, true);
      const problem = await deleteBackup(backup.name).then(() => null, (error) => error);
      if (ends.signal.aborted) return;
      setBusy(confirm, false);
      // When another browser was quicker, it is gone all the same.
      if (problem && problem.code !== 'backup_not_found') {
        setText(byId('removal-error'), problem.message);
        return;
      }
      announce(say('panel.delete.done', { when }));
      finish(true);
    });
    dialog.showModal();
    byId('removal-cancel').focus();
  });
}

function fill(backup, backups, when, word) {
  const rest = backups.filter((one) => one.name !== backup.name);
  const newest = rest[0] && nearDay(madeAt(rest[0]), now());
  const sentences = [
    word && say('panel.delete.last'),
    rest.length > 0 ? say('panel.delete.rest', { count: rest.length, when: newest }) : say('panel.delete.rest_none'),
    say('panel.delete.final'),
  ];
  setText(byId('removal-title'), say('panel.delete.title', { when }));
  byId('removal-text').replaceChildren(...sentences.filter(Boolean).map((text) => make('p', {}, text)));
  byId('removal-word').hidden = !word;
  setText(byId('removal-label'), word ? say('panel.delete.type', { word }) : '');
  byId('removal-input').value = '';
  setText(byId('removal-error'), '');
  const confirm = byId('removal-confirm');
  setBusy(confirm, false);
  setText(confirm, say('panel.delete.confirm'));
  confirm.setAttribute('aria-label', say('panel.delete.label', { when }));
}
