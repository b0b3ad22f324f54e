//! What is different now, file by file: the first of it, and more on demand.

import { make, setText } from './dom.js';
import { memberChanges, memberName } from './members.js';
import { number, say } from './text.js';

const FIRST = 5;
const PAGE = 50;

/** How the two sides are called where one of them is today. */
const TODAY = { before: 'panel.compare.before', after: 'panel.compare.after' };

/** Fills `place` with the files of `GET …/diff` that differ; says whether there are any. */
export function showChanges(place, { members }, words = TODAY) {
  const different = members.filter((member) => member.state !== 'same');
  place.replaceChildren(...different.map((member) => block(member, words)));
  return different.length > 0;
}

function block(member, words) {
  const name = memberName(member.member);
  const list = make('ul', { class: 'changes' });
  const more = make('button', { class: 'button small', type: 'button', hidden: '' });
  const rest = make('p', { class: 'soft', hidden: '' });
  let shown = 0;

  function show(count) {
    list.append(...member.changes.slice(shown, shown + count).map((change) => line(change, words)));
    shown = Math.min(shown + count, member.changes.length);
    const next = Math.min(PAGE, member.changes.length - shown);
    more.hidden = next === 0;
    setText(more, say('panel.compare.more', { count: next }));
    more.setAttribute('aria-label', say('panel.compare.more_label', { count: next, name }));
    // The box tells the first hundreds.
    const untold = member.added + member.removed + member.changed - member.changes.length;
    rest.hidden = next > 0 || untold <= 0;
    setText(rest, say('diff.more', { count: untold, number: number(untold) }));
  }
  more.addEventListener('click', () => {
    const first = shown;
    show(PAGE);
    const line = list.children[first];
    line.tabIndex = -1;
    line.focus();
  });
  show(FIRST);
  list.hidden = shown === 0;
  const text = memberChanges(member, words);
  return make('section', { class: 'change-file' },
    make('h4', {}, name), make('p', { class: 'soft figures' }, text), list, more, rest);
}

function line({ what, path, before, after }, words) {
  const values = make('span', { class: 'values' });
  if (before !== undefined) values.append(value(words.before, before));
  if (before !== undefined && after !== undefined) values.append(make('span', { class: 'arrow', 'aria-hidden': 'true' }, '→'), ' ');
  if (after !== undefined) values.append(value(words.after, after));
  const title = make('span', { class: 'change-title' }, make('span', { class: 'change-what', 'data-what': what }, say(`panel.compare.is_${what}`)), ' ', make('code', {}, path));
  return make('li', {}, title, ...(values.childElementCount > 0 ? [values] : []));
}

/** Says for whoever cannot see the arrow which side it is. */
const value = (key, text) => make('span', {}, make('span', { class: 'unseen' }, `${say(key)} `), make('code', {}, unquoted(text)));

/** Quotes are for programs; they stay where a text could be taken for a number or for nothing. */
const unquoted = (text) => text.replace(/^"([^"\\]+)"$/, (whole, inner) => (/^([-+.\d]+|true|false|null|\s*)$/.test(inner) ? whole : inner));
