//! A backup from a file of this device: it is sent, the box reads it, and it opens.

import { importBackup } from './api.js';
import { byId, isBusy, setBusy, setLabel, setText, showText } from './dom.js';
import { may } from './rights.js';
import { addressOf } from './row.js';
import { say, size, typeset } from './text.js';
import { enterView } from './view.js';

/** Makes the button work. */
export function startImport() {
  const button = byId('import-button');
  const input = byId('import-file');
  button.hidden = !may('admin');
  setLabel(button, 'upload', say('panel.import.action'));
  button.addEventListener('click', () => { if (!isBusy(button)) input.click(); });
  input.addEventListener('change', async () => {
    const [file] = input.files;
    if (!file) return;
    setBusy(button, true);
    await send(file);
    setBusy(button, false);
    // The same file can be chosen again.
    input.value = '';
  });
}

async function send(file) {
  const bar = byId('import-progress');
  const status = byId('import-status');
  showText(byId('import-error'), null);
  bar.value = 0;
  bar.hidden = false;
  setText(status, say('panel.import.sending', { done: size(0), total: size(file.size) }));
  try {
    const { name, message, warnings } = await importBackup(file, (sent) => {
      bar.value = Math.min(sent / file.size, 1);
      const gaps = { done: size(Math.min(sent, file.size)), total: size(file.size) };
      setText(status, sent < file.size ? say('panel.import.sending', gaps) : say('panel.import.reading'));
    });
    setText(status, typeset([message, ...warnings].join('. ')));
    // Where the focus returns to.
    byId('import-button').focus();
    enterView(addressOf(name));
  } catch (error) {
    setText(status, '');
    showText(byId('import-error'), error.message);
  }
  bar.hidden = true;
}
