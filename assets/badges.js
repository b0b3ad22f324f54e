//! What a backup is worth, in marks: was it read back, was its restore tried, is it kept.

import { icon, make, setLabel } from './dom.js';
import { say } from './text.js';

const STATES = {
  verified: ['good', 'check'],
  readable: ['plain', 'file'],
  damaged: ['act', 'act'],
  unverified: ['watch', 'clock'],
};
const TRIALS = { proven: ['plain', 'check'], failed: ['watch', 'watch'] };

/** Marks with `nodes` and `update(backup)`. */
export function makeBadges() {
  const state = make('span', { class: 'badge' });
  const trial = make('span', { class: 'badge', hidden: '' });
  const kept = make('span', { class: 'badge', 'data-state': 'kept' }, icon('pin'), make('span', {}, say('panel.badge.pinned')));

  function update({ verification, rehearsal, pinned }) {
    mark(state, STATES[verification] ?? STATES.unverified, `panel.badge.${verification}`);
    // One that is damaged has worse to tell.
    const tried = verification !== 'damaged' && TRIALS[rehearsal];
    trial.hidden = !tried;
    if (tried) mark(trial, tried, `panel.rehearsal.${rehearsal}`);
    kept.hidden = !pinned;
  }
  return { nodes: [state, trial, kept], update };
}

function mark(badge, [colour, picture], key) {
  badge.dataset.state = colour;
  setLabel(badge, picture, say(key));
}
