//! The automatic backup: a switch that shows what the box says, never what was hoped; and the
//! hour of the night.

import { autoToggle, now, readSchedule, setHour } from './api.js';
import { announce, byId, isBusy, setBusy, setText, showText } from './dom.js';
import { whenSent } from './form.js';
import { told } from './instants.js';
import { may } from './rights.js';
import { say, typeset } from './text.js';
import { fromNow } from './when.js';

/** What the box last said of it. */
let schedule = null;

/** Makes the switch and the hour work. */
export function startAutomatic() {
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
    await loadAutomatic();
    if (problem) showText(byId('auto-error'), problem);
    else if (schedule) announce(say(schedule.enabled ? 'panel.auto.now_on' : 'panel.auto.now_off'));
  });
  whenSent(byId('hour-form'), async ({ at }) => {
    setText(byId('hour-done'), '');
    schedule = await setHour(at.value);
    show();
    setText(byId('hour-done'), say('panel.hour.done', { at: schedule.at }));
  });
}

/** Asks the box, and shows what it says. */
export async function loadAutomatic() {
  try {
    const before = schedule?.at;
    schedule = await readSchedule();
    showText(byId('auto-error'), null);
    // What somebody is about to type is not taken away.
    if (schedule.at !== before) byId('hour').value = schedule.at ?? '';
  } catch (error) {
    showText(byId('auto-error'), error.message);
  }
  show();
}

/** The time to the next one shrinks: called every half minute. */
export const refreshAutomatic = () => { if (schedule) show(); };

function show() {
  const toggle = byId('auto-switch');
  if (!isBusy(toggle)) {
    toggle.setAttribute('aria-checked', String(Boolean(schedule?.enabled)));
    setText(byId('auto-word'), say(word()));
  }
  setText(byId('auto-next'), next());
  setText(byId('auto-truth'), schedule ? truth() : '');
  byId('hour-form').hidden = !schedule;
  if (!schedule) return;
  const { locked } = schedule;
  byId('hour').disabled = Boolean(locked) || !may('admin');
  byId('hour-form').querySelector('[type="submit"]').hidden = byId('hour').disabled;
  setText(byId('hour-hint'), locked ? say('panel.locked', locked) : say('panel.hour.hint'));
}

function word() {
  if (!schedule) return 'panel.auto.unknown';
  return schedule.enabled ? 'panel.auto.on' : 'panel.auto.off';
}

function next() {
  if (!schedule) return '';
  if (!schedule.enabled) return say('panel.auto.none');
  if (!schedule.active || !schedule.next) return say('panel.auto.inactive');
  return say('panel.auto.next', { when: told(schedule.next), age: fromNow(Date.parse(schedule.next) - now()) });
}

/** Whose word it is. */
function truth() {
  const gaps = { word: typeset(schedule.word ?? '') };
  return say(schedule.manager === 'systemd' ? 'panel.auto.says_systemd' : 'panel.auto.says_local', gaps);
}
