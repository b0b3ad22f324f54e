//! Puts the files of the opened backup back: which of them, the club's name where it is
//! another one's, then the course of it and its end in words.

import { restoreBackup } from './api.js';
import { byId, isBusy, make, setBusy, setLabel, setText, showDoubts, showText } from './dom.js';
import { memberChanges, memberName } from './members.js';
import { followToEnd, onRestoring } from './restoring.js';
import { may } from './rights.js';
import { say, typeset } from './text.js';
import { askUndo } from './undo.js';
import { leaveView } from './view.js';

/** What is shown: the backup's name and how it differs from now. */
let shown = null;
/** The job that was begun here. */
let own = null;

/** `compareAgain()` is called when the files have changed. */
export function startRestore(compareAgain) {
  setLabel(byId('restore-button'), 'restore', say('panel.restore.action'));
  byId('restore-form').addEventListener('submit', (event) => {
    event.preventDefault();
    if (!isBusy(byId('restore-button'))) restore(compareAgain);
  });
  byId('restore-club-name').addEventListener('input', () => showText(byId('restore-error'), null));
  byId('restore-close').addEventListener('click', leaveView);
  byId('restore-undo').addEventListener('click', async () => {
    const started = await askUndo();
    if (started) await course(started, { done: 'panel.restore.undone', canUndo: false }, compareAgain);
  });
  onRestoring(({ job, step, fraction, ended }) => {
    // Another browser has changed what this one shows.
    if (ended && job !== own && shown) compareAgain();
    if (ended || job !== own) return;
    byId('restore-progress').value = fraction;
    setText(byId('restore-status'), step ? say(`step.${step}`) : say('panel.restore.starting'));
  });
}

/** For a backup that is being opened: what was begun for another goes on without it. */
export function clearRestore() {
  shown = null;
  own = null;
  byId('restore-form').hidden = true;
  byId('restore-progress').hidden = true;
  byId('restore-buttons').hidden = true;
  setBusy(byId('restore-button'), false);
  setText(byId('restore-status'), '');
  showDoubts(byId('restore-warnings'), []);
  delete byId('restore-status').dataset.result;
  showText(byId('restore-error'), null);
}

/** `difference` is the answer of `GET …/diff?with=live`. */
export function showRestore(name, difference) {
  shown = { name, difference };
  if (!may('admin') || own) return;
  byId('restore-files').replaceChildren(...difference.files.map((file, place) => choice(file, place, difference.members)));
  const { otherClub, club, clubHere } = difference;
  byId('restore-club').hidden = !otherClub;
  if (otherClub) {
    setText(byId('restore-club-why'), say('panel.restore.other_club', { club, here: clubHere }));
    setText(byId('restore-club-label'), say('panel.restore.type_club', { club }));
  }
  byId('restore-club-name').value = '';
  byId('restore-form').hidden = byId('restore-status').dataset.result === 'good';
}

/** A file with its box; one that cannot be put back says why. */
function choice({ member, path, archived, problem }, place, members) {
  const id = `restore-file-${place}`;
  const box = make('input', { type: 'checkbox', id, value: member, 'aria-describedby': `${id}-note` });
  const can = archived && !problem;
  box.checked = can;
  box.disabled = !can;
  const change = members.find((one) => one.member === member);
  let note = change ? memberChanges(change) : '';
  if (!archived) note = say('panel.restore.not_archived');
  else if (problem) note = typeset(problem);
  else if (change?.state === 'removed') note = say('panel.restore.gone');
  const text = make('p', { id: `${id}-note`, class: problem && archived ? 'warning' : 'soft' }, note);
  return make('li', { class: 'choice' }, box, make('label', { for: id, title: path }, memberName(member)), text);
}

async function restore(compareAgain) {
  const { name, difference } = shown;
  const boxes = [...byId('restore-files').querySelectorAll('input')];
  const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
  const complain = (text, field) => {
    showText(byId('restore-error'), text);
    field?.focus();
  };
  complain(null);
  if (chosen.length === 0) return complain(say('panel.restore.none_chosen'), boxes.find((box) => !box.disabled));
  const wanted = {};
  // All that the backup has is a whole restore, which brings missing videos, too.
  if (chosen.length < difference.files.filter(({ archived }) => archived).length) wanted.members = chosen;
  if (difference.otherClub) {
    const field = byId('restore-club-name');
    if (plain(field.value) !== plain(difference.club)) {
      return complain(say('panel.restore.wrong_club', { club: difference.club }), field);
    }
    wanted.confirm = difference.club;
  }
  setBusy(byId('restore-button'), true);
  try {
    const started = await restoreBackup(name, wanted);
    await course(started, { done: 'panel.restore.done', canUndo: true }, compareAgain);
  } catch (error) {
    complain(error.message);
  }
  setBusy(byId('restore-button'), false);
}

/** As people type a name: capitals and spaces around do not count. */
const plain = (text) => text.trim().toLocaleLowerCase();

/** Follows the job to its end and says it; the files have changed where it was done. */
async function course(started, { done, canUndo }, compareAgain) {
  own = started.job;
  const status = byId('restore-status');
  delete status.dataset.result;
  byId('restore-form').hidden = true;
  byId('restore-buttons').hidden = true;
  byId('restore-progress').value = 0;
  byId('restore-progress').hidden = false;
  showDoubts(byId('restore-warnings'), []);
  setText(status, say('panel.restore.starting'));
  status.focus();
  const ended = await followToEnd(started);
  if (own !== started.job) return;
  own = null;
  byId('restore-progress').hidden = true;
  status.dataset.result = ended.success ? 'good' : 'act';
  setText(status, ended.success ? say(done) : ended.message);
  showDoubts(byId('restore-warnings'), ended.warnings);
  byId('restore-buttons').hidden = !ended.success;
  byId('restore-undo').hidden = !canUndo;
  if (ended.success) await compareAgain();
  else byId('restore-form').hidden = false;
}
