//! The restore that is going on, whoever started it: where it stands, how it ended.

import { readJob } from './api.js';
import { say, typeset } from './text.js';

/** Without an event for this long, the job itself is asked. */
const SILENCE = 4000;
/** The steps in their order; what is done twice does not go back. */
const STEPS = ['prepare', 'verify', 'compare', 'files', 'inventory', 'write', 'publish', 'apply', 'restart', 'check', 'videos'];

let followed = null;
let lastEnded = { job: null };
let progress = { step: null, fraction: 0 };
let silence = 0;
/** What the followed job has remarked. */
let warnings = [];
let show = () => {};
const waiting = new Map();

/**
 * `listener(now)` is told of each step: `{ job, step, fraction }`, and of the end:
 * `{ job, ended: { success, message, warnings } }`.
 */
export function onRestoring(listener) {
  const before = show;
  show = (now) => {
    before(now);
    listener(now);
  };
}

/** `start()` asks the box for a restore; the answer is how it ended. */
export async function followToEnd({ job }) {
  follow(job);
  if (lastEnded.job === job) return lastEnded.ended;
  return new Promise((resolve) => { waiting.set(job, resolve); });
}

/** Takes one event of the stream. */
export function restoreEvent(event) {
  if (!event.job.startsWith('restore-') || event.job === lastEnded.job) return;
  if (event.event === 'done') return finish(event.job, event.outcome);
  if (event.event === 'interrupted') return finish(event.job, null);
  follow(event.job);
  if (event.event === 'step') reach(event.step);
  // What the copy for safety misses is no news of the restore.
  if (event.event === 'log' && event.level === 'warning' && event.sentence?.key.startsWith('restore.')) {
    warnings.push(typeset(event.text));
  }
}

/** `jobs` of `GET /api/jobs`: joins a restore that is going on, or learns how the followed one ended. */
export async function syncRestore(jobs) {
  const going = jobs.find((job) => job.kind === 'restore' && job.state === 'running');
  if (followed && followed !== going?.id) await ask();
  if (!going) return;
  follow(going.id);
  if (going.step) reach(going.step);
}

function follow(job) {
  if (job === lastEnded.job) return;
  clearTimeout(silence);
  silence = setTimeout(ask, SILENCE);
  if (job === followed) return;
  followed = job;
  warnings = [];
  progress = { step: null, fraction: 0 };
  show({ job, ...progress });
}

function reach(step) {
  const fraction = (STEPS.indexOf(step) + 1) / (STEPS.length + 1);
  // Going back takes as long as it takes.
  progress = { step, fraction: Math.max(progress.fraction, fraction) };
  show({ job: followed, ...progress });
}

async function ask() {
  const job = followed;
  if (!job) return;
  try {
    const view = await readJob(job);
    if (job !== followed) return;
    if (view.state !== 'running') return finish(job, view.outcome);
    if (view.step && view.step !== progress.step) reach(view.step);
  } catch (error) {
    if (error.code !== 'unreachable' && job === followed) return finish(job, null);
  }
  follow(job);
}

/** `outcome` is null where it ended without a word. */
function finish(job, outcome) {
  clearTimeout(silence);
  followed = null;
  const ended = outcome
    ? { success: outcome.success, message: typeset(outcome.failure?.message ?? say('panel.restore.failed')), warnings }
    : { success: false, message: say('error.restore_interrupted'), warnings };
  lastEnded = { job, ended };
  waiting.get(job)?.(ended);
  waiting.delete(job);
  show({ job, ended });
}
