//! One backup, opened: what it is worth, what is different now, what it holds, and the way
//! back to it.

import { compareWithNow, now, readBackup } from './api.js';
import { makeBadges } from './badges.js';
import { showChanges } from './compare.js';
import { showContents } from './contents.js';
import { byId, setText, showDoubts, showText } from './dom.js';
import { backupOf } from './list.js';
import { clearRestore, showRestore, startRestore } from './restore.js';
import { clearSince, startSince } from './since.js';
import { capital, say, size, typeset } from './text.js';
import { addView } from './view.js';
import { archiveWall, fromNow, shortDay } from './when.js';

let badges = null;
/** The name of the one that is open; what comes late for another is not shown. */
let opened = null;

/** Makes the addresses of backups work. */
export function startBackups() {
  badges = makeBadges();
  byId('opened-badges').append(...badges.nodes);
  startRestore(() => compare(opened));
  startSince();
  addView(byId('opened'), /^(backup-\d{8}-\d{6})$/, {
    open: ([, stem]) => open(`${stem}.tar.gz`),
    close: () => {
      opened = null;
      clearSince(null);
    },
  });
}

function open(name) {
  opened = name;
  const made = archiveWall(name);
  setText(byId('opened-title'), say('panel.opened.title', { when: shortDay(made, now()) }));
  showText(byId('opened-error'), null);
  byId('opened-files').hidden = true;
  const backup = backupOf(name);
  byId('opened-facts').hidden = !backup;
  if (backup) showFacts(backup);
  clearRestore();
  clearSince(name);
  compare(name);
  readContents(name);
}

function showFacts(backup) {
  const facts = [capital(fromNow(Date.parse(backup.created) - now())), size(backup.sizeBytes)];
  setText(byId('opened-meta'), facts.join(' · '));
  badges.update(backup);
  const problem = backup.problem ?? backup.rehearsalProblem;
  showText(byId('opened-problem'), problem && typeset(problem));
  byId('opened-facts').hidden = false;
}

async function readContents(name) {
  try {
    const contents = await readBackup(name);
    if (opened !== name) return;
    showFacts(contents);
    showContents(byId('members'), byId('members-more'), contents);
    byId('opened-files').hidden = false;
  } catch (error) {
    if (opened === name) showText(byId('opened-error'), error.message);
  }
}

/** Shows what is different now, and what could be put back. */
async function compare(name) {
  const summary = byId('opened-summary');
  setText(summary, say('panel.opened.comparing'));
  byId('opened-restore').setAttribute('aria-busy', 'true');
  byId('opened-changes').hidden = true;
  byId('opened-warnings').hidden = true;
  let difference = null;
  let problem = null;
  try {
    difference = await compareWithNow(name);
  } catch (error) {
    problem = error;
  }
  if (opened !== name) return;
  byId('opened-restore').removeAttribute('aria-busy');
  if (problem) {
    setText(summary, say('panel.opened.not_compared'));
    // Reading it has said the same already.
    showText(byId('compare-error'), byId('opened-error').textContent === problem.message ? null : problem.message);
    return;
  }
  showText(byId('compare-error'), null);
  const isNew = isNewBox(difference);
  setText(summary, isNew ? say('panel.opened.new_box') : typeset(difference.summary));
  showDoubts(byId('opened-warnings'), difference.warnings.map(typeset));
  byId('opened-changes').hidden = !showChanges(byId('changes'), difference) || isNew;
  showRestore(name, difference);
}

/** Where none of the files is there yet, there is nothing to compare with. */
function isNewBox({ files, members }) {
  const isAbsent = ({ member }) => members.some((one) => one.member === member && one.state === 'removed');
  const archived = files.filter((file) => file.archived);
  return archived.length > 0 && archived.every(isAbsent);
}
