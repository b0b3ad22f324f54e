//! One backup of the list and what can be done with it.

import { downloadAddress, now, pinBackup, verifyBackup } from './api.js';
import { makeBadges } from './badges.js';
import { announce, isBusy, make, setBusy, setLabel, setText, showText } from './dom.js';
import { may } from './rights.js';
import { capital, say, size, typeset } from './text.js';
import { fromNow, fullDay, nearDay, wall, wallHere } from './when.js';

/** When it was made, by the box's clock. */
export const madeAt = (backup) => wall(backup.date) ?? wallHere(Date.parse(backup.created));

/** `backup-20241218-030007.tar.gz` → `03:00:07`: no two of a minute have the same. */
const secondOf = (name) => name.replace(/^.*-(\d\d)(\d\d)(\d\d)\..*$/, '$1:$2:$3');

/** Its address within the page. */
export const addressOf = (name) => name.replace(/\.tar\.gz$/, '');

/** Each control's icon, its word, and its whole name. */
const CONTROLS = {
  view: ['view', 'panel.view.action', 'panel.view.label'],
  download: ['download', 'panel.download.action', 'panel.download.label'],
  verify: ['verify', 'panel.verify.action', 'panel.verify.label'],
  pin: ['pin', 'panel.pin.action', 'panel.pin.label'],
  unpin: ['pin', 'panel.unpin.action', 'panel.unpin.label'],
  delete: ['delete', 'panel.delete.action', 'panel.delete.label'],
};

/** A row with `node`, `update(backup)`, `focus()` and `focusTitle()`; `remove(backup)` is the list's. */
export function makeRow(backup, remove) {
  const title = make('h3', { class: 'row-title' });
  const meta = make('p', { class: 'row-meta soft figures' });
  const badges = makeBadges();
  const kept = make('p', { class: 'row-kept soft' });
  const problem = make('p', { class: 'row-problem' });
  const error = make('p', { class: 'error', role: 'alert', hidden: '' });
  const view = make('a', { class: 'button small view-link', href: `#${addressOf(backup.name)}` });
  const download = make('a', { class: 'action', download: backup.name, href: downloadAddress(backup.name) });
  const verify = make('button', { class: 'action', type: 'button' });
  const pin = make('button', { class: 'action', type: 'button' });
  const drop = make('button', { class: 'action drop', type: 'button' });
  const node = make('li', { class: 'row', 'data-name': backup.name },
    make('div', { class: 'row-text' }, title, meta, make('p', { class: 'badges' }, ...badges.nodes), kept, problem, error));
  if (may('look')) node.append(view);
  const offered = [may('download') && [download], may('admin') && [verify, pin, drop]].filter(Boolean).flat();
  if (offered.length > 0) node.append(make('div', { class: 'actions' }, ...offered));

  let current = backup;
  const when = () => fullDay(madeAt(current), now());

  function update(next) {
    current = next;
    const made = madeAt(next);
    setText(title, capital(nearDay(made, now())));
    const facts = [size(next.sizeBytes), fromNow(Date.parse(next.created) - now())];
    // Another was made in the same minute.
    if (next.hasTwin) facts.push(secondOf(next.name));
    setText(meta, facts.join(' · '));
    badges.update(next);
    showText(problem, next.problem && typeset(next.problem));
    showText(kept, next.kept && typeset(next.kept.sentence));
    label(view, 'view');
    label(download, 'download', { size: size(next.sizeBytes) });
    if (!isBusy(verify)) label(verify, 'verify');
    label(pin, next.pinned ? 'unpin' : 'pin');
    label(drop, 'delete');
    // A kept one is released first: the server would refuse.
    drop.hidden = next.pinned;
  }

  function label(control, action, gaps = {}) {
    const [picture, word, name] = CONTROLS[action];
    setLabel(control, picture, say(word));
    control.setAttribute('aria-label', say(name, { when: when(), ...gaps }));
    control.dataset.action = action;
  }

  /** Works on the row; an error is said in the row. */
  async function act(button, work) {
    if (isBusy(button)) return;
    setBusy(button, true);
    showText(error, null);
    try {
      const [key, change] = await work();
      setBusy(button, false);
      update({ ...current, ...change });
      announce(say(key, { when: when() }));
    } catch (failure) {
      setBusy(button, false);
      update(current);
      showText(error, failure.message);
    }
  }

  verify.addEventListener('click', () => act(verify, async () => {
    setLabel(verify, 'clock', say('panel.verify.busy'));
    verify.setAttribute('aria-label', `${say('panel.verify.busy')} ${say('panel.verify.label', { when: when() })}`);
    const { verification, problem: found } = await verifyBackup(current.name);
    const keys = { verified: 'panel.verify.good', readable: 'panel.verify.readable' };
    return [keys[verification] ?? 'panel.verify.bad', { verification, problem: found }];
  }));
  pin.addEventListener('click', () => act(pin, async () => {
    const { pinned } = await pinBackup(current.name, !current.pinned);
    return [pinned ? 'panel.pin.done' : 'panel.unpin.done', { pinned }];
  }));
  drop.addEventListener('click', () => {
    showText(error, null);
    remove(current).catch((failure) => showText(error, failure.message));
  });

  title.tabIndex = -1;
  return { node, update, focus: () => (current.pinned ? pin : drop).focus(), focusTitle: () => title.focus() };
}
