//! Small helpers to build and change the page. Text is only ever set as text.

/** The element with this id. */
export const byId = (id) => document.getElementById(id);

/** Makes an element: attributes, then children (nodes or text). */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** An icon of the sprite in index.html; decoration only, words stand beside it. */
export function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const picture = document.createElementNS(space, 'svg');
  picture.setAttribute('class', 'icon');
  picture.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(space, 'use');
  use.setAttribute('href', `#i-${name}`);
  picture.append(use);
  return picture;
}

/** Sets text only where it differs, so that nothing is announced twice. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows the text, or hides the element when there is none. */
export function showText(element, text) {
  setText(element, text ?? '');
  element.hidden = !text;
}

/** Shows what is to be watched, a line each; hides the list when there is nothing. */
export function showDoubts(list, texts) {
  list.hidden = texts.length === 0;
  list.replaceChildren(...texts.map((text) => make('li', {}, icon('watch'), make('span', {}, text))));
}

/** Icon and word, replaced only when one of them differs. */
export function setLabel(element, iconName, text) {
  const mark = `${iconName} ${text}`;
  if (element.dataset.mark === mark) return;
  element.dataset.mark = mark;
  element.replaceChildren(icon(iconName), make('span', {}, text));
}

/** A button that keeps its focus while it works: it looks and sounds disabled, and does nothing. */
export function setBusy(button, busy) {
  if (busy) button.setAttribute('aria-disabled', 'true');
  else button.removeAttribute('aria-disabled');
}

export const isBusy = (button) => button.getAttribute('aria-disabled') === 'true';

/** Says it to screen readers. */
export function announce(text) {
  byId('announce').textContent = text;
}
