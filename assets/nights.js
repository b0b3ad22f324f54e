//! The last nights, a mark each. One of them is told in words below; the arrow keys go along.

import { byId, icon, make, setText } from './dom.js';
import { may } from './rights.js';
import { addressOf } from './row.js';
import { typeset } from './text.js';

/** A night's mark; what has none is empty. */
const MARKS = { verified: 'check', made: 'clock', missed: 'missed', failed: 'failed', damaged: 'failed', coming: 'night' };
/** How far each key goes; a line below depends on the window. */
const STEPS = { ArrowLeft: () => -1, ArrowRight: () => 1, ArrowUp: () => -columns(), ArrowDown: () => columns(), Home: () => -Infinity, End: () => Infinity };

let nights = [];
/** The date of the night that is told; the newest until somebody chooses. */
let chosen = null;

const columns = () => getComputedStyle(byId('nights-strip')).gridTemplateColumns.split(' ').length;
const buttons = () => [...byId('nights-strip').querySelectorAll('button')];

/** Makes the keys work. */
export function startNights() {
  byId('nights-strip').addEventListener('keydown', (event) => {
    const step = STEPS[event.key]?.();
    if (step === undefined) return;
    event.preventDefault();
    const place = buttons().findIndex((one) => one.tabIndex === 0) + step;
    choose(Math.min(Math.max(place, 0), nights.length - 1));
    buttons().find((button) => button.tabIndex === 0).focus();
  });
}

/** `nights` of `GET /api/status`, oldest first. */
export function showNights(told) {
  const strip = byId('nights-strip');
  const mark = JSON.stringify(told);
  if (strip.dataset.mark === mark) return;
  strip.dataset.mark = mark;
  const isSame = nights.length === told.length;
  nights = told;
  if (!isSame) strip.replaceChildren(...nights.map((_, place) => make('li', {}, button(place))));
  buttons().forEach((one, place) => {
    const { state, sentence } = nights[place];
    one.setAttribute('aria-label', typeset(sentence));
    if (one.dataset.state === state) return;
    one.dataset.state = state;
    one.replaceChildren(...MARKS[state] ? [icon(MARKS[state])] : []);
  });
  const known = nights.findIndex(({ date }) => date === chosen);
  choose(known < 0 ? nights.length - 1 : known);
}

function button(place) {
  const one = make('button', { type: 'button' });
  one.addEventListener('click', () => choose(place));
  return one;
}

function choose(place) {
  const { date, sentence, archive } = nights[place];
  // The newest stays the newest when the day changes.
  chosen = place === nights.length - 1 ? null : date;
  buttons().forEach((one, other) => {
    one.tabIndex = other === place ? 0 : -1;
    one.setAttribute('aria-pressed', String(other === place));
  });
  setText(byId('night-told'), typeset(sentence));
  const link = byId('night-open');
  link.hidden = !archive || !may('look');
  if (archive) link.setAttribute('href', `#${addressOf(archive)}`);
}
