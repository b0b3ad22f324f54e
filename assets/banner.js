//! What stands over the page while the box does not answer.

import { announce, byId, icon, make } from './dom.js';
import { say } from './text.js';

export function showLost(lost) {
  const banner = byId('banner');
  if (banner.hidden === !lost) return;
  banner.hidden = !lost;
  banner.replaceChildren(...lost ? [icon('lost'), make('span', {}, say('panel.live.lost'))] : []);
  if (!lost) announce(say('panel.live.recovered'));
}
