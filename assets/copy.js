//! A button that copies the text of an element, also over plain http.

import { announce, setLabel } from './dom.js';
import { say } from './text.js';

const COPIED_FOR = 2500;

/** `label` names what is copied; the lines of `place` are its children, or itself. */
export function startCopy(button, place, label) {
  let restore = 0;
  const show = (key, picture) => {
    setLabel(button, picture, say(key));
    button.setAttribute('aria-label', key === 'panel.copy.action' ? label : say(key));
  };
  button.addEventListener('click', async () => {
    const lines = place.childElementCount > 0 ? [...place.children] : [place];
    const text = lines.map((line) => line.textContent).join('\n');
    const done = await navigator.clipboard?.writeText(text).then(() => true, () => false) || copyBySelection(place);
    const key = done ? 'panel.copy.done' : 'panel.copy.failed';
    show(key, done ? 'check' : 'copy');
    announce(say(key));
    button.focus();
    clearTimeout(restore);
    restore = setTimeout(() => show('panel.copy.action', 'copy'), COPIED_FOR);
  });
  show('panel.copy.action', 'copy');
}

/** Plain http has no clipboard interface: select the lines and copy the selection. */
function copyBySelection(place) {
  const selection = getSelection();
  selection.selectAllChildren(place);
  const done = document.execCommand('copy');
  selection.removeAllRanges();
  return done;
}
