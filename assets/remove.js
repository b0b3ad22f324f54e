//! Asks before it deletes a backup: names the day, says what remains, wants the word for the
//! last good one.

import { deleteBackup, now } from './api.js';
import { ask } from './ask.js';
import { announce } from './dom.js';
import { madeAt } from './row.js';
import { say } from './text.js';
import { isLastGood } from './verdict.js';
import { fullDay, nearDay } from './when.js';

/** True when the backup is gone, false when the reader changed his mind. */
export function removeBackup(backup, backups) {
  const when = fullDay(madeAt(backup), now());
  const rest = backups.filter((one) => one.name !== backup.name);
  const newest = rest[0] && nearDay(madeAt(rest[0]), now());
  const isLast = isLastGood(backup, backups);
  const sentences = [
    isLast && say('panel.delete.last'),
    rest.length > 0 ? say('panel.delete.rest', { count: rest.length, when: newest }) : say('panel.delete.rest_none'),
    say('panel.delete.final'),
  ];
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
