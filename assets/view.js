//! Views that cover the page. Each has an address, so that a link opens it and the back
//! button closes it. The focus goes to its title, and afterwards back to what opened it.

import { currentPage } from './pages.js';

const views = [];
let current = null;

/**
 * `pattern` is that of the address behind the `#`; `open(match)` fills the dialog, whose
 * title is the first `h2`, and `close()` empties it.
 */
export function addView(dialog, pattern, { open, close = () => {} }) {
  views.push({ dialog, pattern, open, close });
  dialog.querySelector('.view-close').addEventListener('click', leaveView);
  dialog.addEventListener('cancel', (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    leaveView();
  });
  // Some browsers close it at the second Escape without asking.
  dialog.addEventListener('close', () => { if (current?.view.dialog === dialog && !dialog.open) leaveView(); });
}

/** Shows what the address names, now and whenever it changes. */
export function startViews() {
  addEventListener('hashchange', () => route(true));
  route(false);
}

/** Opens the view of this address. */
export function enterView(address) {
  if (location.hash === `#${address}`) route(false);
  else location.hash = address;
}

/** Closes the view as the back button does. */
export function leaveView() {
  if (!current) return;
  if (current.pushed) return history.back();
  // A link from elsewhere opened it: what is shown behind it has an address, too.
  history.replaceState(null, '', `#${currentPage()}`);
  route(false);
}

function route(pushed) {
  const address = location.hash.slice(1);
  if (current?.address === address) return;
  if (current) shut();
  for (const view of views) {
    const match = view.pattern.exec(address);
    if (match) return show(view, match, { address, pushed });
  }
}

function show(view, match, { address, pushed }) {
  const opener = document.activeElement;
  current = { view, address, pushed, opener };
  view.open(match);
  view.dialog.showModal();
  view.dialog.scrollTop = 0;
  view.dialog.querySelector('h2').focus();
}

function shut() {
  const { view, address, opener } = current;
  current = null;
  view.dialog.close();
  view.close();
  // A finger does not focus the link that it touches in every browser.
  const links = [...document.querySelectorAll(`a[href="#${address}"]`)];
  const link = links.find((one) => one.checkVisibility());
  const back = opener?.isConnected && opener !== document.body ? opener : link;
  back?.focus();
}
