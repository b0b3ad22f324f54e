//! Decides what the one sentence says. Pure: no clock, no page, no words.

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** A nightly backup this old has missed its night, with two hours of grace. */
const LATE = 26 * HOUR;
/** This old, somebody must act. */
const TOO_OLD = 3 * DAY;
/** Clocks may differ by this much. */
const SLACK = 0.25 * HOUR;

/**
 * `backups` newest first and `status` as `GET /api/backups` gives them, `automatic`
 * as `GET /api/backups/auto-status` does; null is unknown.
 * The answer: `state` good, watch or act; `rule` names the sentence and the advice;
 * `age` in milliseconds, `error` and `count` fill its gaps; `todo`, where the box has
 * said itself what to do, takes the place of the advice.
 */
export function verdict({ backups, status, automatic, now }) {
  if (!backups) return { state: 'watch', rule: 'unknown' };
  const newest = backups[0];
  const age = newest ? now - Date.parse(newest.created) : null;
  const say = (state, rule, more = {}) => ({ state, rule, age, ...more });

  if (status && !status.success) return say('act', 'failed', { todo: status.error });
  if (!newest) return say(status ? 'act' : 'watch', 'none');
  if (newest.verification === 'damaged') return say('act', 'damaged', { error: newest.problem });
  if (age < -SLACK) return say('watch', 'future');
  if (age > LATE) return say(age >= TOO_OLD ? 'act' : 'watch', 'late', { count: Math.floor(age / DAY) });
  if (automatic && !automatic.enabled) return say('watch', 'off');
  if (newest.verification === 'unverified') return say('watch', 'unverified');
  const warnings = status?.warnings?.length ?? 0;
  if (warnings > 0 && newest.verification === 'verified') return say('watch', 'warnings', { count: warnings });
  return say('good', newest.verification === 'readable' ? 'readable' : 'verified');
}

/** How much an archive is worth to someone who must restore. */
const WORTH = { damaged: 0, unverified: 1, readable: 2, verified: 3 };

/** Whether no other archive is worth as much as this one. */
export function isLastGood(backup, backups) {
  const worth = (one) => WORTH[one.verification] ?? 0;
  return worth(backup) > 0
    && !backups.some((other) => other.name !== backup.name && worth(other) >= worth(backup));
}
