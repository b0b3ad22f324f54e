//! The sentence, what causes it, and for each cause the one thing to do. The box decides all of
//! it; this page only shows it.

import { autoToggle, verifyBackup } from './api.js';
import { announce, byId, icon, isBusy, make, setBusy, setText, showText } from './dom.js';
import { goTo, titleHome } from './pages.js';
import { may } from './rights.js';
import { addressOf } from './row.js';
import { beginRun } from './run.js';
import { say, typeset } from './text.js';
import { enterView } from './view.js';

/** What each kind of action does, and the right that it takes. */
const ACTIONS = {
  run: ['create', beginRun],
  enable: ['admin', () => autoToggle(true)],
  verify: ['admin', ({ target }) => verifyBackup(target)],
  open: ['look', ({ target }) => enterView(addressOf(target))],
  backups: ['read', () => goTo('backups')],
  refresh: ['read', () => {}],
};

let shown = null;
let reload = async () => {};

/** Makes the button work; `again()` asks the box anew. */
export function startHome(again) {
  reload = again;
  byId('remedy-button').addEventListener('click', () => remedy(byId('remedy-button'), byId('remedy-error'), shown.causes[0]));
}

/** `told` of `GET /api/status`. */
export function showHome(told) {
  const sentence = typeset(told.sentence);
  const before = shown;
  shown = told;
  byId('verdict').dataset.state = told.state;
  if (before?.state !== told.state) byId('medal').replaceChildren(icon(told.state));
  setText(byId('sentence'), sentence.replace(/\.$/, ''));
  if (before && before.state !== told.state) announce(sentence);
  titleHome(sentence.replace(/\.$/, ''));
  showFirst(told.causes[0]);
  showOthers(told.causes.slice(1));
  // On a box that has nothing yet, a file from elsewhere may be what one came with.
  byId('tools').dataset.on = told.total === 0 ? 'home backups' : 'backups';
  byId('import-button').classList.toggle('primary', told.total === 0);
  showWarnings(told.causes.some(({ rule }) => rule === 'warnings') ? told.last?.warnings ?? [] : []);
}

/** What cannot be read says why, and leaves what was known below it. */
export function showUnknown(text) {
  shown = { state: 'watch', causes: [] };
  byId('verdict').dataset.state = 'watch';
  byId('medal').replaceChildren(icon('watch'));
  setText(byId('sentence'), say('panel.verdict.unknown'));
  setText(byId('advice'), text);
  titleHome(say('panel.verdict.unknown'));
  byId('remedy').hidden = true;
  showOthers([]);
}

function showFirst(cause) {
  setText(byId('advice'), cause ? advice(cause) : say('panel.advice.good'));
  const action = offered(cause);
  byId('remedy').hidden = !action;
  if (action) setText(byId('remedy-button'), typeset(action.label));
  if (!action) showText(byId('remedy-error'), null);
}

/** Who may not do it is told how he could. */
const advice = (cause) => (cause.action && !offered(cause) ? say('panel.advice.claim') : typeset(cause.advice ?? ''));

/** The cause's action where whoever reads may do it. */
const offered = (cause) => (cause?.action && ACTIONS[cause.action.kind] && may(ACTIONS[cause.action.kind][0]) ? cause.action : null);

/** The lines of the other causes by their rule: kept, so that focus survives every update. */
const lines = new Map();

function showOthers(causes) {
  const list = byId('causes');
  list.hidden = causes.length === 0;
  for (const [rule, { node }] of lines) {
    if (causes.some((cause) => cause.rule === rule)) continue;
    node.remove();
    lines.delete(rule);
  }
  for (const cause of causes) {
    if (!lines.has(cause.rule)) lines.set(cause.rule, makeLine());
    const { node, update } = lines.get(cause.rule);
    update(cause);
    if (!node.isConnected) list.append(node);
  }
}

function makeLine() {
  let current = null;
  const sentence = make('strong');
  const todo = make('span', { class: 'soft' });
  const error = make('span', { class: 'error', role: 'alert', hidden: '' });
  const button = make('button', { class: 'button small', type: 'button' });
  const node = make('li', {}, make('span', { class: 'mark-of-state' }), make('div', {}, sentence, todo, error), button);
  button.addEventListener('click', () => remedy(button, error, current));

  function update(cause) {
    if (node.dataset.state !== cause.state) node.firstElementChild.replaceChildren(icon(cause.state));
    current = cause;
    node.dataset.state = cause.state;
    setText(sentence, typeset(cause.sentence));
    setText(todo, advice(cause));
    const action = offered(cause);
    button.hidden = !action;
    if (action) setText(button, typeset(action.label));
  }
  return { node, update };
}

async function remedy(button, error, cause) {
  if (isBusy(button) || !cause?.action) return;
  setBusy(button, true);
  showText(error, null);
  try {
    const [, work] = ACTIONS[cause.action.kind];
    await work(cause.action);
    await reload();
  } catch (failure) {
    showText(error, failure.message);
  }
  setBusy(button, false);
  // What it mended is no longer there to be pressed; whoever is elsewhere by now stays there.
  const isGone = !button.isConnected || button.closest('[hidden]');
  if (isGone && [document.body, button].includes(document.activeElement)) byId('sentence').focus();
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
    make('ul', {}, ...warnings.map((warning) => make('li', {}, typeset(warning)))),
  );
}
