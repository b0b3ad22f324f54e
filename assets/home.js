//! The sentence and what stands under it: last run, next run, what the last run remarked.

import { now } from './api.js';
import { announce, byId, icon, make, setText } from './dom.js';
import { may } from './rights.js';
import { capital, say } from './text.js';
import { verdict } from './verdict.js';
import { fromNow, nearDay, wall, wallHere } from './when.js';

let stateShown = null;

/** `state` as panel.js keeps it: backups, status, automatic. */
export function showHome(state) {
  const decided = verdict({ ...state, now: now() });
  const sentence = wording(decided);
  if (stateShown !== decided.state) {
    byId('verdict').dataset.state = decided.state;
    byId('medal').replaceChildren(icon(decided.state));
    if (stateShown) announce(sentence);
    stateShown = decided.state;
  }
  setText(byId('sentence'), sentence);
  setText(byId('advice'), decided.todo ?? say(`panel.advice.${advice(decided)}`));
  document.title = `${sentence} · ${say('panel.title')}`;
  showFacts(state);
  showWarnings(state.status?.warnings ?? []);
}

function wording({ rule, age, error, count }) {
  const plain = rule === 'damaged' && !error;
  return say(`panel.verdict.${rule}${plain ? '_plain' : ''}`, {
    age: age === null || age === undefined ? '' : fromNow(-age),
    error: error?.replace(/\.\s*$/, ''),
    count,
  });
}

/** Advice that takes rights. */
const FOR_ADMINS = ['off', 'unverified'];

/** Both good sentences share their advice. */
function advice({ state, rule }) {
  if (!may('admin') && FOR_ADMINS.includes(rule)) return 'claim';
  if (may('admin') && rule === 'none') return 'new_box';
  return state === 'good' ? 'good' : rule;
}

function showFacts({ status, automatic }) {
  const last = status && wall(status.timestamp);
  const lastWord = status?.success ? 'panel.fact.last_good' : 'panel.fact.last_bad';
  const facts = [[
    say('panel.fact.last'),
    last ? capital(say(lastWord, { when: nearDay(last, now()) })) : say('panel.fact.never'),
  ]];
  if (automatic) {
    const next = nextRun(automatic);
    facts.push([say('panel.fact.next'), next ? capital(nearDay(next, now())) : say('panel.fact.next_none')]);
  }
  const mark = JSON.stringify(facts);
  const list = byId('facts');
  if (list.dataset.mark === mark) return;
  list.dataset.mark = mark;
  list.replaceChildren(...facts.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value))));
}

/** The next run as the box's clock shows it; null when there is none. */
export function nextRun(automatic) {
  if (!automatic?.enabled) return null;
  return wall(automatic.nextRun) ?? (automatic.next ? wallHere(Date.parse(automatic.next)) : null);
}

function showWarnings(warnings) {
  const place = byId('warnings');
  const mark = JSON.stringify(warnings);
  if (place.dataset.mark === mark) return;
  place.dataset.mark = mark;
  place.hidden = warnings.length === 0;
  const title = say('panel.warnings.title', { count: warnings.length });
  place.replaceChildren(
    make('h2', { class: 'warnings-title' }, icon('watch'), make('span', {}, title)),
    make('ul', {}, ...warnings.map((warning) => make('li', {}, warning))),
  );
}
