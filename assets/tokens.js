//! What scripts show: made here, and told once.

import { addToken, listTokens, revokeToken } from './api.js';
import { ask } from './ask.js';
import { startCopy } from './copy.js';
import { announce, byId, make, setText } from './dom.js';
import { typed, whenSent } from './form.js';
import { lastUse, told } from './instants.js';
import { say } from './text.js';

/** Makes the form work; `reload()` fetches the list again. */
export function startTokens(reload) {
  const form = byId('token-form');
  const secret = byId('token-secret');
  startCopy(byId('token-copy'), byId('token-value'), say('panel.tokens.copy_label'));
  whenSent(form, async ({ name, scope, days }) => {
    const wanted = { name: typed(name), scope: scope.value };
    if (days.value) wanted.days = Number(days.value);
    const { token } = await addToken(wanted);
    setText(byId('token-title'), say('panel.tokens.secret', { name: wanted.name }));
    setText(byId('token-value'), token);
    secret.hidden = false;
    form.hidden = true;
    form.reset();
    byId('token-title').focus();
    await reload();
  });
  byId('token-kept').addEventListener('click', () => {
    setText(byId('token-value'), '');
    secret.hidden = true;
    form.hidden = false;
    form.elements.name.focus();
  });
}

/** Fetches and shows the list. */
export async function showTokens() {
  const { tokens } = await listTokens();
  byId('tokens-empty').hidden = tokens.length > 0;
  byId('tokens').replaceChildren(...tokens.map(row));
}

function row(token) {
  const { name } = token;
  const title = make('h3', { class: 'entry-title' }, name);
  if (token.expired) title.append(' ', make('span', { class: 'badge', 'data-state': 'watch' }, say('panel.tokens.expired')));
  const use = token.used ? lastUse(token.used) : say('panel.tokens.unused');
  const end = token.expired ? 'panel.tokens.ended' : 'panel.tokens.until';
  const life = token.expires ? say(end, { when: told(token.expires) }) : say('panel.tokens.endless');
  const text = make('div', { class: 'row-text' }, title,
    make('p', {}, say(`panel.scope.${token.scope}`)),
    make('p', { class: 'soft figures' }, [use, token.address, life].filter(Boolean).join(' · ')));
  const button = make('button', { class: 'button small', type: 'button' }, say('panel.tokens.revoke'));
  button.setAttribute('aria-label', say('panel.tokens.revoke_label', { name }));
  const node = make('li', { class: 'entry' }, text, button);
  button.addEventListener('click', async () => {
    const revoked = await ask({
      title: say('panel.tokens.revoke_title', { name }),
      sentences: [say('panel.tokens.revoke_text')],
      action: say('panel.tokens.revoke'),
      label: say('panel.tokens.revoke_label', { name }),
      async work() {
        try {
          await revokeToken(name);
        } catch (error) {
          if (error.code !== 'token_not_found') throw error;
        }
      },
    });
    if (!revoked) return;
    const next = node.nextElementSibling ?? node.previousElementSibling;
    node.remove();
    byId('tokens-empty').hidden = byId('tokens').childElementCount > 0;
    (next?.querySelector('button') ?? byId('access-tokens').querySelector('summary')).focus();
    announce(say('panel.tokens.revoked', { name }));
  });
  return node;
}
