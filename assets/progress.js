//! How far a backup is, from its events. Pure.

/** The steps in their order, each with its share of the bar: writing takes most of the time. */
const STEPS = { prepare: 2, files: 8, inventory: 10, write: 50, verify: 24, publish: 3, prune: 3 };

/** Nothing reported yet. */
export const unstarted = { step: null, bytes: 0, files: 0, total_bytes: null, total_files: null };

/** The progress after this event. */
export function after(progress, event) {
  if (event.event === 'step') return { ...unstarted, step: event.step };
  if (event.event !== 'progress') return progress;
  const { bytes, files, total_bytes = null, total_files = null } = event;
  return { ...progress, bytes, files, total_bytes, total_files };
}

/** 0 to 1 over all steps; within a step only as far as totals are known. */
export function fraction(progress) {
  const names = Object.keys(STEPS);
  const reached = names.indexOf(progress.step);
  if (reached < 0) return 0;
  const before = names.slice(0, reached).reduce((sum, name) => sum + STEPS[name], 0);
  return (before + STEPS[progress.step] * within(progress)) / 100;
}

/** `{ place, of }`: the third of seven. */
export function placeOf(step) {
  const names = Object.keys(STEPS);
  return { place: names.indexOf(step) + 1, of: names.length };
}

/** A run that is over before one has read it needs no forecast. */
const TOO_EARLY = 3000;
const TOO_LITTLE = 0.05;

/** Milliseconds that are left if it goes on as until now; null while that would be a guess. */
export function timeLeft(elapsed, done) {
  return elapsed < TOO_EARLY || done < TOO_LITTLE ? null : (elapsed / done) * (1 - done);
}

function within({ bytes, files, total_bytes, total_files }) {
  if (total_bytes) return Math.min(1, bytes / total_bytes);
  if (total_files) return Math.min(1, files / total_files);
  return 0;
}
