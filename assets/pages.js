//! The pages: each has an address, so that a link opens it and the back button leaves it. What
//! belongs to which page is written in index.html; a page's work begins when it is first shown.

import { byId, setText } from './dom.js';
import { say } from './text.js';

const PAGES = ['home', 'backups', 'automatic', 'journal', 'access'];
/** What lies above a page has an address of its own; behind it are the backups. */
const BEHIND = 'backups';

/** What is to be done at the first visit, by page. */
let first = {};
let current = null;
/** What the browser's tab is to say of the home page. */
let homeTitle = '';

/**
 * Shows the page of the address, now and whenever it changes. `works` has a function a page; the
 * answer comes when that of the first has done its work.
 */
export function startPages(works) {
  first = { ...works };
  for (const link of links()) {
    if (link.hash === '#access') link.hidden = byId('access').hidden;
  }
  byId('language').addEventListener('click', ({ currentTarget }) => { currentTarget.hash = location.hash; });
  document.querySelector('.skip').addEventListener('click', (event) => {
    // It goes to the content of this page; its address would be that of no page.
    event.preventDefault();
    byId('content').focus();
  });
  addEventListener('hashchange', () => show(true));
  return show(false);
}

const links = () => byId('pages').querySelectorAll('a');

/** The page that is shown. */
export const currentPage = () => current;

/** Goes to a page. */
export function goTo(page) {
  location.hash = page;
}

/** What the tab says while the home page is shown. */
export function titleHome(title) {
  homeTitle = title;
  tellTitle();
}

function show(isAsked) {
  const address = location.hash.slice(1);
  const wanted = pageOf(address);
  if (wanted === current) return;
  const isFirst = current === null;
  current = wanted;
  document.documentElement.dataset.page = wanted;
  for (const link of links()) {
    if (link.hash === `#${wanted}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  const title = byId('page-title');
  title.hidden = wanted === 'home';
  if (wanted !== 'home') setText(title, say(`panel.page.${wanted}`));
  tellTitle();
  const work = first[wanted]?.();
  delete first[wanted];
  if (isFirst || !isAsked) return work;
  scrollTo(0, 0);
  (wanted === 'home' ? byId('sentence') : title).focus({ preventScroll: true });
  return work;
}

function pageOf(address) {
  if (PAGES.includes(address) && !(address === 'access' && byId('access').hidden)) return address;
  if (/^(backup-|sheet$)/.test(address)) return current ?? BEHIND;
  return 'home';
}

function tellTitle() {
  // Until a page is shown, what came with the page itself stands.
  if (!current) return;
  const title = current === 'home' ? homeTitle : say(`panel.page.${current}`);
  document.title = `${title} · ${say('panel.title')}`;
}
