//! Days, hours and ages in words. Hours are the box's own, whatever the phone's time zone.
//! A "wall" time is a Date whose UTC fields show what the box's clock shows.

import { language, say } from './text.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const format = (options) => new Intl.DateTimeFormat(language, { timeZone: 'UTC', ...options });
const hour = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const second = format({ day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' });
const dayOfThisYear = format({ weekday: 'long', day: 'numeric', month: 'long' });
const dayOfAnyYear = format({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
const dayAndMonth = format({ day: 'numeric', month: 'long' });
const dayMonthYear = format({ day: 'numeric', month: 'long', year: 'numeric' });
const short = new Intl.RelativeTimeFormat(language, { style: language === 'fr' ? 'short' : 'long' });
const long = new Intl.RelativeTimeFormat(language, { style: 'long' });

/**
 * The wall time in `2024-12-18 03:00:00`, `2024-12-18T03:00:00+01:00` or `Wed 2024-12-18 03:00:00 CET`,
 * as the box's clock showed it. An instant in UTC, `2024-12-18T02:00:00Z`, is shown by this browser's.
 */
export function wall(text) {
  const found = /(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?/.exec(text ?? '');
  if (!found) return null;
  if (text.endsWith('Z')) return wallHere(Date.parse(text));
  const [year, month, day, hours, minutes, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0));
  return new Date(Date.UTC(year, month - 1, day, hours, minutes, seconds));
}

/** The wall time in `backup-20241218-030000.tar.gz`; null for other names. */
export function archiveWall(name) {
  return wall(name?.replace(/^backup-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)\d\d\..*$/, '$1-$2-$3 $4:$5'));
}

/** An instant (milliseconds) as this browser's clock would show it. */
export function wallHere(instant) {
  const here = new Date(instant);
  return new Date(instant - here.getTimezoneOffset() * MINUTE);
}

/** `mercredi 18 décembre à 03:00`, with the year when it is not this one. */
export function fullDay(when, now) {
  const thisYear = when.getUTCFullYear() === wallHere(now).getUTCFullYear();
  return at((thisYear ? dayOfThisYear : dayOfAnyYear).format(when), when);
}

/** `aujourd'hui à 03:00`, `hier à 03:00`, `demain à 03:00`, otherwise the full day. */
export function nearDay(when, now) {
  const days = Math.floor(when / DAY) - Math.floor(wallHere(now) / DAY);
  const names = { '-1': 'panel.when.yesterday', 0: 'panel.when.today', 1: 'panel.when.tomorrow' };
  return days in names ? at(say(names[days]), when) : fullDay(when, now);
}

/** `18 décembre, 03:00`, with the year when it is not this one. */
export function shortDay(when, now) {
  const thisYear = when.getUTCFullYear() === wallHere(now).getUTCFullYear();
  const day = (thisYear ? dayAndMonth : dayMonthYear).format(when);
  return say('panel.when.short', { day, time: hour.format(when) });
}

/** `18/12 03:00:07`, for lines of a journal. */
export const toTheSecond = (when) => second.format(when).replace(',', '');

function at(day, when) {
  return say('panel.when.at', { day, time: hour.format(when) });
}

/** `il y a 6 h`, `dans 3 jours`; `milliseconds` is negative for the past. */
export function fromNow(milliseconds) {
  const span = Math.abs(milliseconds);
  const pick = (unit, length, words) => words.format(Math.trunc(milliseconds / length), unit);
  if (span < MINUTE) return say('panel.when.now');
  if (span < HOUR) return pick('minute', MINUTE, short);
  if (span < 2 * DAY) return pick('hour', HOUR, short);
  return pick('day', DAY, long);
}
