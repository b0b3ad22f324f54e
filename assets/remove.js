//! Asks before it deletes a backup: names the day, says what remains, wants the word for the
//! last good one.

import { deleteBackup, listBackups, now } from './api.js';
import { ask } from './ask.js';
import { announce } from './dom.js';
import { madeAt } from './row.js';
import { say } from './text.js';
import { fullDay, nearDay } from './when.js';

/** True when the backup is gone, false when the reader changed his mind. */
export async function removeBackup(backup) {
  const when = fullDay(madeAt(backup), now());
  // The list may show some of them only.
  const { backups: newest, total } = await listBackups({ limit: 2 });
  const other = newest.find((one) => one.name !== backup.name);
  const rest = other ? say('panel.delete.rest', { count: total - 1, when: nearDay(madeAt(other), now()) }) : say('panel.delete.rest_none');
  const isLast = backup.lastGood;
  const sentences = [isLast && say('panel.delete.last'), rest, say('panel.delete.final')];
  return ask({
    title: say('panel.delete.title', { when }),
    sentences: sentences.filter(Boolean),
    action: say('panel.delete.confirm'),
    label: say('panel.delete.label', { when }),
    word: isLast ? say('panel.delete.word') : null,
    async work() {
      try {
        await deleteBackup(backup.name);
      } catch (error) {
        // When another browser was quicker, it is gone all the same.
        if (error.code !== 'backup_not_found') throw error;
      }
      announce(say('panel.delete.done', { when }));
    },
  });
}
