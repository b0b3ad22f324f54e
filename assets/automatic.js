//! The automatic backup: a switch that shows what the box says, never what was hoped.

import { autoToggle, now } from './api.js';
import { announce, byId, isBusy, setBusy, setText, showText } from './dom.js';
import { nextRun } from './home.js';
import { may } from './rights.js';
import { say } from './text.js';
import { fromNow, nearDay, wallHere } from './when.js';

/** Makes the switch work; `reload` reads the schedule again and shows it. */
export function startAutomatic(reload) {
  const toggle = byId('auto-switch');
  toggle.disabled = !may('admin');
  showText(byId('auto-locked'), toggle.disabled && say('panel.auto.locked'));
  toggle.addEventListener('click', async () => {
    if (isBusy(toggle)) return;
    const enable = toggle.getAttribute('aria-checked') !== 'true';
    setBusy(toggle, true);
    setText(byId('auto-word'), say('panel.auto.waiting'));
    let problem = null;
    try {
      await autoToggle(enable);
    } catch (error) {
      problem = error.message;
    }
    setBusy(toggle, false);
    const truth = await reload();
    if (problem) showAutomaticError(problem);
    else if (truth) announce(say(truth.enabled ? 'panel.auto.now_on' : 'panel.auto.now_off'));
  });
}

/** Says what went wrong; null takes it back. */
export function showAutomaticError(text) {
  showText(byId('auto-error'), text);
}

/** `automatic` of `GET /api/backups/auto-status`, null while unknown; `status` of the last run. */
export function showAutomatic({ automatic, status }) {
  const toggle = byId('auto-switch');
  if (isBusy(toggle)) return;
  toggle.setAttribute('aria-checked', String(Boolean(automatic?.enabled)));
  setText(byId('auto-word'), say(word(automatic)));
  setText(byId('auto-next'), next(automatic));
  const days = status?.retention_days;
  showText(byId('auto-schedule'), days ? say('panel.auto.kept', { count: days }) : null);
}

function word(automatic) {
  if (!automatic) return 'panel.auto.unknown';
  return automatic.enabled ? 'panel.auto.on' : 'panel.auto.off';
}

function next(automatic) {
  if (!automatic) return '';
  if (!automatic.enabled) return say('panel.auto.none');
  const when = nextRun(automatic);
  if (!automatic.active || !when) return say('panel.auto.inactive');
  const distance = automatic.next ? Date.parse(automatic.next) - now() : when - wallHere(now());
  return say('panel.auto.next', { when: nearDay(when, now()), age: fromNow(distance) });
}
