//! "Back up now": starts a run or joins the one that is going on, follows it, tells how it ended.

import { createBackup, readJob } from './api.js';
import { byId, isBusy, setBusy, setLabel, setText } from './dom.js';
import { after, fraction, placeOf, timeLeft, unstarted } from './progress.js';
import { number, say, size, typeset } from './text.js';

/** Without an event for this long, the job itself is asked. */
const SILENCE = 4000;
const MINUTE = 60_000;

let followed = null;
let lastEnded = null;
let progress = unstarted;
let silence = 0;
/** When the followed run was first heard of. */
let begun = 0;

/** Makes the button work. */
export function startRun() {
  byId('run-button').addEventListener('click', beginRun);
}

/** Asks for a run, as the button does. */
export async function beginRun() {
  if (isBusy(byId('run-button'))) return;
  working(say('panel.run.starting'));
  try {
    follow((await createBackup()).job);
  } catch (error) {
    if (error.job?.startsWith('backup-') && error.job !== lastEnded) {
      follow(error.job);
      setText(byId('run-figures'), say('panel.run.already'));
    } else {
      ended('act', error.message);
    }
  }
}

/** `jobs` of `GET /api/jobs`: joins a run that is going on, or learns how the followed one ended. */
export async function syncRun(jobs) {
  const going = jobs.find((job) => job.kind === 'backup' && job.state === 'running');
  if (followed && followed !== going?.id) await ask();
  if (going) follow(going.id, going.step);
}

/** Takes one event of the stream. */
export function runEvent(event) {
  if (!event.job.startsWith('backup-') || event.job === lastEnded) return;
  if (event.event === 'done') followed = event.job;
  else follow(event.job);
  listenOn();
  if (event.event === 'done') finish(event.job, event.outcome);
  else if (event.event === 'interrupted') finish(event.job, { interrupted: true });
  else show(after(progress, event));
}

function follow(job, step) {
  if (!job || job === lastEnded) return;
  if (job !== followed) {
    followed = job;
    begun = Date.now();
    show({ ...unstarted, step: step ?? null });
  }
  listenOn();
}

function listenOn() {
  clearTimeout(silence);
  silence = setTimeout(ask, SILENCE);
}

/** Asks the followed job where it stands; the stream may have been late or away. */
async function ask() {
  const job = followed;
  if (!job) return;
  try {
    const view = await readJob(job);
    if (job !== followed) return;
    if (view.state === 'interrupted') return finish(job, { interrupted: true });
    if (view.state !== 'running') return finish(job, view.outcome ?? {});
    if (view.step && view.step !== progress.step) show({ ...unstarted, step: view.step });
  } catch (error) {
    if (error.code !== 'unreachable' && job === followed) return finish(job, { interrupted: true });
  }
  listenOn();
}

function finish(job, outcome) {
  clearTimeout(silence);
  lastEnded = job;
  followed = null;
  if (outcome.success) {
    const told = outcome.bytes ? say('panel.run.done', { size: size(outcome.bytes) }) : say('panel.run.done_plain');
    return ended('good', told);
  }
  if (outcome.interrupted) return ended('act', say('panel.run.interrupted'));
  const error = outcome.failure?.message;
  ended('act', error ? say('panel.run.failed', { error: typeset(error) }) : say('panel.run.failed_plain'));
}

function ended(state, text) {
  idle(text, '');
  byId('run').dataset.result = state;
}

function idle(text, more) {
  const button = byId('run-button');
  setBusy(button, false);
  setLabel(button, 'save', say('panel.run.now'));
  byId('run-progress').hidden = true;
  setText(byId('run-status'), text);
  setText(byId('run-figures'), more);
}

function working(text) {
  const button = byId('run-button');
  setBusy(button, true);
  setLabel(button, 'clock', say('panel.run.running'));
  delete byId('run').dataset.result;
  const bar = byId('run-progress');
  if (bar.hidden) bar.value = 0;
  bar.hidden = false;
  setText(byId('run-status'), text);
}

function show(next) {
  progress = next;
  const { place, of } = placeOf(next.step);
  working(next.step ? say('panel.run.step', { place, of, step: say(`panel.step.${next.step}`) }) : say('panel.run.starting'));
  byId('run-progress').value = fraction(next);
  setText(byId('run-figures'), figures(next));
}

function figures({ bytes, files, total_bytes, total_files }) {
  const parts = [];
  if (bytes) {
    const gaps = { done: size(bytes), total: size(total_bytes ?? bytes) };
    parts.push(total_bytes ? say('panel.run.bytes_of', gaps) : gaps.done);
  }
  if (files && total_files) {
    parts.push(say('panel.run.files_of', { done: number(files), number: number(total_files), count: total_files }));
  } else if (files) {
    parts.push(say('panel.run.files', { number: number(files), count: files }));
  }
  const left = timeLeft(Date.now() - begun, fraction(progress));
  if (left !== null) parts.push(left < MINUTE ? say('panel.run.left_little') : say('panel.run.left', { count: Math.ceil(left / MINUTE) }));
  return parts.join(' · ');
}
