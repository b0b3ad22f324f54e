//! The recovery sheet: what to do when the box is dead, on one page to be printed.

import { readSheet } from './api.js';
import { byId, make, setLabel, setText, showText } from './dom.js';
import { may } from './rights.js';
import { say, typeset } from './text.js';
import { addView } from './view.js';

/** Makes its address and "print" work. */
export function startSheet() {
  const print = byId('sheet-print');
  const link = byId('sheet-link');
  link.hidden = !may('look');
  setLabel(link, 'file', say('panel.sheet.link'));
  setLabel(print, 'print', say('panel.sheet.print'));
  print.addEventListener('click', () => window.print());
  addView(byId('sheet'), /^sheet$/, { open });
}

async function open() {
  const place = byId('sheet-lines');
  setText(byId('sheet-title'), say('sheet.title'));
  showText(byId('sheet-error'), null);
  byId('sheet-print').hidden = true;
  place.replaceChildren(make('p', { class: 'soft', role: 'status' }, say('panel.sheet.loading')));
  try {
    const { lines } = await readSheet();
    place.replaceChildren(...laidOut(lines.map(({ kind, text }) => ({ kind, text: typeset(text) }))));
    byId('sheet-print').hidden = false;
  } catch (error) {
    place.replaceChildren();
    showText(byId('sheet-error'), error.message);
  }
}

/** Steps that follow each other are one numbered list, facts one of their own. */
function laidOut(lines) {
  const nodes = [];
  for (const { kind, text } of lines) {
    if (kind === 'title') setText(byId('sheet-title'), text);
    else if (kind === 'heading') nodes.push(make('h3', {}, text));
    else {
      const tag = kind === 'step' ? 'ol' : 'ul';
      if (nodes.at(-1)?.localName !== tag) nodes.push(make(tag));
      nodes.at(-1).append(make('li', {}, text));
    }
  }
  return nodes;
}
