//! The files that a backup holds: each can be looked at, its secrets hidden, and downloaded.

import { memberAddress, readMember } from './api.js';
import { icon, isBusy, make, setBusy, setText, showText } from './dom.js';
import { memberName } from './members.js';
import { may } from './rights.js';
import { say, size } from './text.js';

/** Characters of a file that are shown at once. */
const PIECE = 40_000;
const PAGE = 30;

/** Fills the list with the members of `GET /api/backups/{name}`; `more` shows the next of them. */
export function showContents(list, more, { name, members, count }) {
  let shown = 0;
  function show() {
    const first = shown;
    list.append(...members.slice(shown, shown + PAGE).map((member) => entry(name, member)));
    shown = Math.min(shown + PAGE, members.length);
    const next = Math.min(PAGE, members.length - shown);
    const untold = count - members.length;
    more.hidden = next === 0;
    setText(more, say('panel.contents.more', { count: next }));
    if (next === 0 && untold > 0) list.append(make('li', { class: 'entry soft' }, say('show.more', { count: untold })));
    return list.children[first];
  }
  list.replaceChildren();
  more.onclick = () => show().querySelector('button')?.focus();
  show();
}

function entry(archive, { member, size: bytes }) {
  const name = memberName(member);
  const facts = [name === member ? null : member, size(bytes)].filter(Boolean);
  const error = make('p', { class: 'error', role: 'alert', hidden: '' });
  const place = make('div', { class: 'content', hidden: '' });
  const look = make('button', { class: 'button small', type: 'button', 'aria-expanded': 'false' }, say('panel.contents.show'));
  const buttons = make('div', { class: 'buttons' }, look);
  if (may('download')) {
    buttons.append(make('a', {
      class: 'button small', download: member, href: memberAddress(archive, member), 'aria-label': say('panel.contents.download_label', { name }),
    }, icon('download')));
  }
  const node = make('li', { class: 'entry' },
    make('div', { class: 'row-text' }, make('h4', { class: 'entry-title' }, name), make('p', { class: 'soft figures' }, facts.join(' · ')), error),
    buttons, place);

  function expand(open) {
    place.hidden = !open;
    look.setAttribute('aria-expanded', String(open));
    setText(look, say(open ? 'panel.contents.hide' : 'panel.contents.show'));
    look.setAttribute('aria-label', say(open ? 'panel.contents.hide_label' : 'panel.contents.show_label', { name }));
  }
  look.addEventListener('click', async () => {
    if (isBusy(look)) return;
    if (!place.hidden || place.childElementCount > 0) return expand(place.hidden);
    setBusy(look, true);
    showText(error, null);
    try {
      const { text } = await readMember(archive, member);
      place.replaceChildren(...text === null ? [make('p', { class: 'soft' }, say('panel.contents.unshown'))] : reading(name, text));
      expand(true);
      place.firstElementChild.focus();
    } catch (failure) {
      showText(error, failure.message);
    }
    setBusy(look, false);
  });
  expand(false);
  return node;
}

/** The text in a block that scrolls, by keyboard too; a long one a piece at a time. */
function reading(name, text) {
  const block = make('pre', { class: 'reading', tabindex: '0', role: 'region', 'aria-label': say('panel.contents.text', { name }) });
  const more = make('button', { class: 'button small', type: 'button' }, say('panel.contents.rest'));
  let shown = 0;
  function show() {
    block.append(text.slice(shown, shown + PIECE));
    shown += PIECE;
    more.hidden = shown >= text.length;
  }
  more.addEventListener('click', () => {
    show();
    if (more.hidden) block.focus();
  });
  show();
  return [block, more];
}
