//! The stream of events, and whether the box is there at all. Recovers by itself.

import { listJobs } from './api.js';

/** A hiccup shorter than this is nobody's business. */
const GRACE = 1500;
/** A dead link makes no noise: ask this often. */
const PROBE = 20_000;
const RETRY = 2000;

let source = null;
let open = () => {};
let lost = false;
let timer = 0;
let loaded = false;

/** Begins the stream anew: the one before belongs to a session that has ended. */
export const reconnect = () => open();

/**
 * `on` has job(event), archives(), schedule(), everything(), lost(), back(); refused() says
 * whether nobody is let in any more. Whatever was missed before a connection opened is
 * fetched then, except while the page still loads.
 */
export function listen(on, loading) {
  loading.then(() => { loaded = true; });
  const complain = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      lost = true;
      on.lost();
    }, GRACE);
  };
  const recover = () => {
    clearTimeout(timer);
    timer = 0;
    if (lost) on.back();
    lost = false;
  };

  open = () => {
    source?.close();
    source = new EventSource('/api/events');
    source.addEventListener('open', () => {
      recover();
      if (loaded) on.everything();
    });
    source.addEventListener('error', (event) => {
      if (!timer && !lost) complain();
      // The browser tries again unless it was answered with something else than a stream.
      if (event.target.readyState === EventSource.CLOSED) refused(event.target);
    });
    source.addEventListener('job', (event) => on.job(JSON.parse(event.data)));
    source.addEventListener('archives', () => on.archives());
    source.addEventListener('schedule', () => on.schedule());
    source.addEventListener('reset', () => on.everything());
  };

  /** Nobody asks for ever where he is not let in. */
  async function refused(stream) {
    if (await on.refused() || stream !== source) return;
    setTimeout(() => { if (stream === source && !document.hidden) open(); }, RETRY);
  }

  async function probe() {
    if (document.hidden) return;
    try {
      await listJobs();
      if (source.readyState !== EventSource.OPEN) open();
    } catch (error) {
      if (error.code !== 'unreachable' || lost) return;
      complain();
      open();
    }
  }

  // A hidden page keeps no connection: there are few, and phones sleep.
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      source.close();
      clearTimeout(timer);
      timer = 0;
    } else {
      open();
    }
  });
  // The stream may look open long after the way is cut; and what was told meanwhile is lost.
  addEventListener('offline', () => { if (!timer && !lost) complain(); });
  addEventListener('online', () => { if (!document.hidden) open(); });
  setInterval(probe, PROBE);
  open();
}
