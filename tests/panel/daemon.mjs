// Starts the real daemon on a sample club, or takes the one that PANEL_URL names.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const binary = process.env.NEOPRO_BACKUP_BIN ?? `${root}target/release/neopro-backup`;

/** Whether the tests may stop and start the daemon. */
export const canRestart = !process.env.PANEL_URL;

/** A fresh demo: `url`, `stop()` and `start()`; it comes back on the port that it had. */
export async function startDaemon() {
  if (!canRestart) return { url: process.env.PANEL_URL, stop: async () => {}, start: async () => {} };
  const daemon = { url: '', child: null, stop, start };
  let listen = '127.0.0.1:0';

  async function start() {
    const child = spawn(binary, ['demo', '--listen', listen, '--json'], { stdio: ['ignore', 'pipe', 'inherit'] });
    daemon.child = child;
    const failed = once(child, 'error').then(([error]) => { throw error; });
    const ended = once(child, 'exit').then(([code]) => { throw new Error(`the daemon ended with ${code}`); });
    const told = once(createInterface(child.stdout), 'line');
    ended.catch(() => {});
    failed.catch(() => {});
    const [line] = await Promise.race([told, ended, failed]);
    child.stdout.resume();
    daemon.url = JSON.parse(line).url;
    listen = new URL(daemon.url).host;
  }

  async function stop() {
    const { child } = daemon;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await gone;
    clearTimeout(impatience);
  }

  await start();
  return daemon;
}
