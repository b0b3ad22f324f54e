//! How long backups are kept, with what the next run would delete by it: seen before it is saved.

import { now, readRetention, setRetention } from './api.js';
import { byId, isBusy, make, setBusy, setText, showText } from './dom.js';
import { may } from './rights.js';
import { number, say, size } from './text.js';
import { fullDay, wall } from './when.js';

const RULES = ['days', 'keep_last', 'keep_daily', 'keep_weekly', 'keep_monthly'];
/** Names that are listed; the others are counted. */
const TOLD = 5;
const PAUSE = 250;

let known = null;
/** Answers that come late, to numbers that have changed since, are not shown. */
let question = 0;

/** Makes the form work. */
export function startRetention() {
  let pause = 0;
  const form = byId('retention-form');
  byId('retention-fields').append(...RULES.map(field));
  byId('retention-save').hidden = !may('admin');
  form.addEventListener('input', () => {
    clearTimeout(pause);
    setText(byId('retention-done'), '');
    pause = setTimeout(preview, PAUSE);
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (isBusy(byId('retention-save'))) return;
    setBusy(byId('retention-save'), true);
    await save();
    setBusy(byId('retention-save'), false);
  });
}

/** Asks the box, and shows what it says. */
export async function loadRetention() {
  try {
    const tried = known ? wanted() : {};
    known = await readRetention();
    showText(byId('retention-error'), null);
    fill(tried);
    // Numbers that somebody is trying keep their preview.
    if (isTried()) await preview();
    else showPreview(known.preview);
  } catch (error) {
    showText(byId('retention-error'), error.message);
  }
}

/** Closed until the box has said what is in force, and who may change it. */
function field(rule) {
  const id = `retention-${rule}`;
  const input = make('input', { id, name: rule, type: 'number', inputmode: 'numeric', required: '', disabled: '', 'aria-describedby': `${id}-hint retention-error` });
  return make('div', { class: 'field' }, make('label', { for: id }, say(`panel.retention.${rule}`)), input, make('p', { id: `${id}-hint`, class: 'soft' }));
}

const input = (rule) => byId(`retention-${rule}`);

/** Shows what is in force; numbers that somebody is trying stay. */
function fill(tried = {}) {
  for (const rule of RULES) {
    const one = input(rule);
    const [least, most] = known.bounds[rule];
    const locked = known.locked[rule];
    one.value = tried[rule] ?? known.policy[rule];
    Object.assign(one, { min: least, max: most, disabled: Boolean(locked) || !may('admin') });
    setText(byId(`retention-${rule}-hint`), locked ? say('panel.locked', locked) : say(`panel.retention.${rule}_hint`));
  }
}

/** The numbers that differ from what is in force: the others are nobody's wish. */
const wanted = () => Object.fromEntries(RULES.filter((rule) => !input(rule).disabled && input(rule).valueAsNumber !== known.policy[rule])
  .map((rule) => [rule, input(rule).valueAsNumber]));

const isTried = () => Object.keys(wanted()).length > 0;

/** The first number that cannot be, where there is one; says so beside it. */
function fault() {
  const rule = RULES.find((one) => !input(one).disabled && !input(one).checkValidity());
  const [least, most] = rule ? known.bounds[rule] : [];
  showText(byId('retention-error'), rule && say('panel.retention.bounds', { rule: say(`panel.retention.${rule}`), least: number(least), most: number(most) }));
  return rule;
}

async function preview() {
  if (!known || fault()) return;
  question += 1;
  const mine = question;
  try {
    const told = await readRetention(wanted());
    if (mine === question) showPreview(told.preview);
  } catch (error) {
    if (mine === question) showText(byId('retention-error'), error.message);
  }
}

async function save() {
  const wrong = fault();
  if (wrong) return input(wrong).focus();
  question += 1;
  try {
    known = await setRetention(wanted());
    fill();
    showPreview(known.preview);
    setText(byId('retention-done'), say('panel.retention.done'));
  } catch (error) {
    showText(byId('retention-error'), error.message);
  }
}

function showPreview({ kept, goes, goes_total: count, freed_bytes: freed }) {
  const gaps = { count, number: number(count), size: size(freed), kept: number(kept) };
  setText(byId('retention-effect'), count === 0 ? say('panel.retention.nothing_goes') : say('panel.retention.goes', gaps));
  const lines = goes.slice(0, TOLD).map(({ date, sizeBytes }) => `${fullDay(wall(date), now())} · ${size(sizeBytes)}`);
  const more = count - lines.length;
  if (more > 0) lines.push(say('show.more', { count: more }));
  byId('retention-goes').hidden = lines.length === 0;
  byId('retention-goes').replaceChildren(...lines.map((text) => make('li', {}, text)));
}
