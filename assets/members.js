//! The files of a backup, in words.

import { say } from './text.js';

/** What people call the files that most boxes have. */
const KNOWN = {
  'configuration.json': 'configuration',
  'sync-agent.env': 'sync',
  'site.conf': 'site',
  'videos-inventory.txt': 'videos',
  'system-info.txt': 'system',
  'manifest.json': 'manifest',
};

/** `configuration.json` → `Configuration du club`; a file that nobody knows keeps its name. */
export const memberName = (member) => (member in KNOWN ? say(`panel.member.${KNOWN[member]}`) : member);

/** What of one file is different, as `GET …/diff` tells it: `2 réglages changés, 1 réglage en plus`; `words` as showChanges has them. */
export function memberChanges({ form, state, added, removed, changed }, words = {}) {
  const kind = form === 'inventory' ? 'videos' : 'settings';
  const told = Object.entries({ changed, added, removed })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => say(`diff.${kind}_${what}`, { count }));
  return told.length > 0 ? told.join(', ') : say(words[state] ?? `panel.compare.${state}`);
}
