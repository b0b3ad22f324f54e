// No module, and asked for before all others: where one of the page's files does not come, as for
// a phone at the edge of the network, nothing else could say or do anything.

// The page of the address is shown from the first moment: see pages.js.
document.documentElement.dataset.page = /^#(backups|automatic|journal|access)$/.exec(location.hash)?.[1] ?? 'home';
// What is said after the page was left stands above the rest, which waits for it.
document.documentElement.classList.toggle('noted', Boolean(history.state?.note));

let again = false;

function tryAgain() {
  if (again) return;
  again = true;
  // It takes its time where it failed before; a page that is complete begins anew.
  const tries = history.state?.tries ?? 0;
  history.replaceState({ ...history.state, tries: tries + 1 }, '');
  setTimeout(() => location.reload(), Math.min(2000 * 2 ** tries, 60_000));
}

addEventListener('error', ({ target }) => {
  if (target instanceof Element && target.matches('script, link')) tryAgain();
}, true);
// The style sheet may have failed before this script had come.
addEventListener('load', () => {
  if (!document.querySelector('link[rel="stylesheet"]').sheet) tryAgain();
});
