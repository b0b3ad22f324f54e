//! When it runs, where the backups lie, and how much room is left.

import { now } from './api.js';
import { byId, make, setText } from './dom.js';
import { told as when } from './instants.js';
import { capital, number, say, size } from './text.js';
import { fromNow } from './when.js';

/** More nights than this are not counted: disks and clubs change. */
const MANY = 999;

/** `status` of `GET /api/status`. */
export function showPlace(status) {
  showFacts(status);
  showDisk(status.disk);
}

function showFacts({ last, next, automatic, place }) {
  const facts = [[
    say('panel.fact.last'),
    last?.at ? capital(say(last.success ? 'panel.fact.last_good' : 'panel.fact.last_bad', { when: when(last.at) })) : say('panel.fact.never'),
  ]];
  if (automatic) facts.push([say('panel.fact.next'), next ? coming(next) : say('panel.fact.next_none')]);
  facts.push([say('panel.fact.place'), say('panel.fact.place_here', { directory: place.directory })]);
  const mark = JSON.stringify(facts);
  const list = byId('facts');
  if (list.dataset.mark === mark) return;
  list.dataset.mark = mark;
  list.replaceChildren(...facts.map(([name, value]) => make('div', {}, make('dt', {}, name), make('dd', {}, value))));
}

const coming = (next) => say('panel.fact.next_when', { when: capital(when(next)), age: fromNow(Date.parse(next) - now()) });

function showDisk(disk) {
  byId('disk').hidden = !disk;
  if (!disk) return;
  const { total, free, backups, nights } = disk;
  const part = (bytes) => `${Math.max(0, Math.min(100, (100 * bytes) / total))}%`;
  const gauge = byId('disk-gauge');
  gauge.querySelector('.taken').style.inlineSize = part(backups);
  gauge.querySelector('.others').style.inlineSize = part(total - free - backups);
  const sizes = { taken: size(backups), free: size(free), total: size(total) };
  gauge.setAttribute('aria-label', say('panel.disk.gauge', sizes));
  const fits = nights === null ? '' : say(nights > MANY ? 'panel.disk.many' : 'panel.disk.nights', { count: nights, number: number(Math.min(nights, MANY)) });
  setText(byId('disk-words'), [say('panel.disk.words', sizes), fits].filter(Boolean).join(' '));
}
