// No module, and before all others: where one of the page's files does not come, as for a
// phone at the edge of the network, nothing else could say or do anything.

addEventListener('error', (event) => {
  if (event.target instanceof Element && event.target.matches('script, link')) {
    setTimeout(() => location.reload(), 3000);
  }
}, true);
