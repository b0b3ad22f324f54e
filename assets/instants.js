//! Instants of the box, as a person tells them.

import { now } from './api.js';
import { say } from './text.js';
import { fromNow, nearDay, wall } from './when.js';

const HOUR = 3_600_000;

/** `hier à 03:00`. */
export const told = (instant) => nearDay(wall(instant), now());

/** Use is noted to the hour: more is not known. */
export function lastUse(instant) {
  const age = now() - Date.parse(instant);
  return age < HOUR ? say('panel.access.used_lately') : say('panel.access.used', { age: fromNow(-age) });
}
