//! What stands over the page after a restore: that it was done and how to take it back, or
//! that it was not done and why; and the course of one while it is going on.

import { lastRestore, now, undoRestore } from './api.js';
import { ask } from './ask.js';
import { byId, icon, setText } from './dom.js';
import { told } from './instants.js';
import { onRestoring } from './restoring.js';
import { may } from './rights.js';
import { say } from './text.js';
import { archiveWall, fullDay } from './when.js';

/** What is over is told for so long, in milliseconds: a club looks at its panel some days later. */
const TOLD_FOR = 7 * 24 * 3_600_000;
const COLOURS = { done: 'good', undone: 'good', rolled_back: 'watch', interrupted: 'watch' };
const PICTURES = { good: 'restore', watch: 'watch' };

/** `last` and `undo` of `GET /api/restore`. */
let known = { last: null, undo: null };
/** The step of the restore that is going on; null while none is. */
let going = null;

/** Makes the button work, and shows each restore from its first step to its end. */
export function startRestored() {
  byId('restored-undo').addEventListener('click', askUndo);
  onRestoring(({ step, ended }) => {
    going = ended ? null : { step };
    if (ended) loadRestored();
    else refreshRestored();
  });
}

/** Asks the box anew, and shows what it says. */
export async function loadRestored() {
  try {
    known = await lastRestore();
  } catch {
    // The list says that the box does not answer.
  }
  refreshRestored();
}

/** The way back closes by itself. */
export function refreshRestored() {
  const { last } = known;
  const undo = known.undo && Date.parse(known.undo.until) > now() ? known.undo : null;
  const text = going ? progress() : ending(last, undo);
  const card = byId('restored');
  card.hidden = !text;
  const colour = going ? 'plain' : COLOURS[last?.state];
  if (card.dataset.state !== colour) {
    card.dataset.state = colour;
    byId('restored-icon').replaceChildren(icon(PICTURES[colour] ?? 'clock'));
  }
  setText(byId('restored-text'), text ?? '');
  const until = undo && !going && say('panel.undo.until', { when: told(undo.until) });
  setText(byId('restored-until'), until || '');
  byId('restored-undo').hidden = !until || !may('admin');
}

const progress = () => say('panel.undo.going', { step: say(going.step ? `step.${going.step}` : 'panel.restore.starting') });

function ending(last, undo) {
  if (!last) return null;
  const isOld = now() - Date.parse(last.at) > TOLD_FOR;
  if (!undo && (last.state === 'done' || isOld)) return null;
  return say(`panel.undo.${last.state}`, { when: fullDay(archiveWall(last.archive), now()), at: told(last.at) });
}

/** Asks whether the last restore is to be taken back; what has begun then, or null. */
export async function askUndo() {
  let started = null;
  const { undo } = known;
  const when = undo ? fullDay(archiveWall(undo.archive), now()) : '';
  await ask({
    title: say('panel.undo.title'),
    sentences: [say('panel.undo.why', { when }), say('panel.undo.kept')],
    action: say('panel.undo.action'),
    label: say('panel.undo.label', { when }),
    back: say('panel.undo.back'),
    calm: true,
    async work() { started = await undoRestore(); },
  });
  return started;
}
