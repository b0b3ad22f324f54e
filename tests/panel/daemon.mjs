// Starts the real daemon on a sample club, or takes the one that PANEL_URL names.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));
const binary = process.env.NEOPRO_BACKUP_BIN ?? `${root}target/release/neopro-backup`;

/** Whether the tests may stop and start the daemon. */
export const canRestart = !process.env.PANEL_URL;

/** A fresh demo: `url`, `stop()` and `start()`; it comes back on the port that it had. */
export async function startDaemon() {
  if (!canRestart) return { url: process.env.PANEL_URL, stop: async () => {}, start: async () => {} };
  return begin((listen) => ({
    arguments: ['demo', '--listen', listen, '--json'],
    output: 'stdout',
    url: (line) => JSON.parse(line).url,
  }));
}

/**
 * A club of its own with these files, its panel behind a password: as a demo, and `code()` of
 * the first use, `backup()` from the command line, `run(...words)` of it, `folder` of the club's
 * files. One that is `fresh` has been installed just now, with no file and no backup. It is deleted
 * with `end(...secrets)`, which looks for these secrets, and for tokens, in all that was written.
 */
export async function startClub({ files = { 'configuration.json': '{"name":"Club"}\n' }, auth = 'password', fresh = false } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'panel-club-'));
  const config = join(folder, 'config.toml');
  for (const part of ['club/videos', 'backups']) await mkdir(join(folder, part), { recursive: true });
  if (!fresh) for (const [name, text] of Object.entries(files)) await writeFile(join(folder, 'club', name), text);
  await writeFile(join(folder, 'club/videos/but.mp4'), 'but');
  await writeFile(config, configuration(folder, files, auth));
  const run = async (...words) => (await promisify(execFile)(binary, ['--config', config, ...words])).stdout;
  if (!fresh) await run('run');
  const daemon = await begin((listen) => ({
    arguments: ['--config', config, 'serve', '--listen', listen],
    output: 'stderr',
    url: (line) => /panel served address=(\S+)/.exec(line)?.[1].replace(/.*/, 'http://$&/'),
  }));
  const code = async () => JSON.parse(await run('passwd', '--code', '--json')).code;
  const end = async (...secrets) => {
    await daemon.stop();
    const written = [daemon.log.join('\n'), ...await filesOf(`${folder}/state`), ...await filesOf(`${folder}/run`)];
    await rm(folder, { recursive: true, force: true });
    // What a browser was given, and what people typed, is nowhere in a form that could be shown.
    for (const text of written) {
      assert.ok(!secrets.some((secret) => text.includes(secret)), 'a secret is told');
      assert.doesNotMatch(text, /neopro_[0-9a-f]{64}/);
    }
  };
  return Object.assign(daemon, { code, end, run, backup: () => run('run'), folder: join(folder, 'club') });
}

/** The text of every file below a folder. */
async function filesOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map((file) => readFile(`${file.parentPath}/${file.name}`, 'utf8')));
}

/** `configuration.json` is always among the files that it names. */
const configuration = (folder, files, auth) => `
[paths]
backups = "${folder}/backups"
state = "${folder}/state"
runtime = "${folder}/run"
[[files]]
member = "configuration.json"
path = "${folder}/club/configuration.json"
required = true
${Object.keys(files).filter((name) => name !== 'configuration.json').map((name) => `[[files]]
member = "${name}"
path = "${folder}/club/${name}"`).join('\n')}
[[inventories]]
member = "videos-inventory.txt"
path = "${folder}/club/videos"
[schedule]
manager = "local"
[http]
auth = "${auth}"
`;

/** `how(listen)` says how it is started, and how a line of its output tells the address. */
async function begin(how) {
  const daemon = { url: '', child: null, log: [], stop, start };
  let listen = '127.0.0.1:0';

  async function start() {
    const { arguments: words, output, url } = how(listen);
    const stdio = ['ignore', output === 'stdout' ? 'pipe' : 'ignore', output === 'stderr' ? 'pipe' : 'inherit'];
    const child = spawn(binary, words, { stdio });
    daemon.child = child;
    const failed = once(child, 'error').then(([error]) => { throw error; });
    const ended = once(child, 'exit').then(([code]) => { throw new Error(`the daemon ended with ${code}`); });
    const told = new Promise((resolve) => {
      createInterface(child[output]).on('line', (line) => {
        daemon.log.push(line);
        if (url(line)) resolve(url(line));
      });
    });
    ended.catch(() => {});
    failed.catch(() => {});
    daemon.url = await Promise.race([told, ended, failed]);
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
