//! Calls the daemon. An error carries a sentence that can be shown beside what caused it.

import { language, say, typeset } from './text.js';

/** Silence that counts as no answer. */
const PATIENCE = 15_000;
/** Reading an archive back takes as long as the card needs. */
const LONG_PATIENCE = 30 * 60_000;

/** What says that this page does not fit any more how the door stands. */
const DENIALS = new Set(['sign_in_needed', 'not_claimed', 'already_claimed']);

let denied = () => {};

/** `work()` is called whenever the box says that somebody must sign in, or has come too late to set up. */
export function onDenied(work) {
  denied = work;
}

/** How far the box's clock is ahead of this one, from its last answer. */
let ahead = 0;

/** Now, by the box's clock, in milliseconds. */
export const now = () => Date.now() + ahead;

/** What went wrong: `code` for the panel, `message` for the reader, `job` where one is in the way. */
export class ApiError extends Error {
  constructor(code, message, job) {
    super(message);
    Object.assign(this, { code, job });
  }
}

async function call(method, path, { body, headers, patience = PATIENCE } = {}) {
  const options = { method, headers: { Accept: 'application/json', 'Accept-Language': language, ...headers } };
  options.cache = 'no-store';
  options.signal = AbortSignal.timeout(patience);
  if (body) {
    options.body = JSON.stringify(body);
    options.headers['Content-Type'] = 'application/json';
  }
  let answer;
  try {
    answer = await fetch(`/api/${path}`, options);
  } catch {
    throw new ApiError('unreachable', say('panel.error.unreachable'));
  }
  const date = Date.parse(answer.headers.get('date'));
  if (date) ahead = Math.abs(date - Date.now()) < 2000 ? 0 : date - Date.now();
  return understood(answer.status, await answer.json().catch(() => null));
}

/** What was answered, or the error that it is. */
function understood(status, content) {
  if (status < 300 && content) return content;
  if (DENIALS.has(content?.code)) denied();
  throw new ApiError(
    content?.code ?? 'strange',
    content?.message ? typeset(content.message) : say('panel.error.strange', { status }),
    content?.job,
  );
}

/** Sends a file from this device as a backup; `onSent(bytes)` is told how much has gone. Only this old interface tells that. */
export function importBackup(file, onSent) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/api/backups/import');
    request.setRequestHeader('Accept', 'application/json');
    request.setRequestHeader('Accept-Language', language);
    request.responseType = 'json';
    request.upload.addEventListener('progress', (event) => onSent(event.loaded));
    request.addEventListener('load', () => {
      try {
        resolve(understood(request.status, request.response));
      } catch (error) {
        reject(error);
      }
    });
    request.addEventListener('error', () => reject(new ApiError('unreachable', say('panel.import.cut'))));
    request.send(file);
  });
}

const one = (name) => `backups/${encodeURIComponent(name)}`;
const memberPath = (name, member) => `${one(name)}/files/${encodeURIComponent(member)}`;

/** `?limit=50&q=…` of what is wanted; what is empty is left out. */
const query = (wanted) => {
  const given = Object.entries(wanted).filter(([, value]) => value !== '' && value !== null && value !== undefined);
  return given.length > 0 ? `?${new URLSearchParams(given)}` : '';
};

export const readStatus = () => call('GET', 'status');
export const listBackups = (wanted) => call('GET', `backups${query(wanted)}`);
export const createBackup = () => call('POST', 'backups/create', { headers: { Prefer: 'respond-async' } });
export const deleteBackup = (name) => call('DELETE', one(name));
export const pinBackup = (name, pinned) => call(pinned ? 'PUT' : 'DELETE', `${one(name)}/pin`);
export const verifyBackup = (name) => call('POST', `${one(name)}/verify`, { patience: LONG_PATIENCE });
export const downloadAddress = (name) => `/api/backups/download/${encodeURIComponent(name)}`;
export const readSchedule = () => call('GET', 'schedule');
export const setHour = (at) => call('PUT', 'schedule', { body: { at } });
export const readRetention = (wanted = {}) => call('GET', `retention${query(wanted)}`);
export const setRetention = (wanted) => call('PUT', 'retention', { body: wanted });
export const readJournal = (level) => call('GET', `journal${query({ level, limit: 500 })}`);
export const autoToggle = (enable) => call('POST', 'backups/auto-toggle', { body: { enable } });
export const listJobs = () => call('GET', 'jobs');
export const readJob = (id) => call('GET', `jobs/${encodeURIComponent(id)}`);

export const readBackup = (name) => call('GET', one(name), { patience: LONG_PATIENCE });
export const compareBackups = (older, newer) => call('GET', `${one(older)}/diff?with=${encodeURIComponent(newer)}`, { patience: LONG_PATIENCE });
export const compareWithNow = (name) => call('GET', `${one(name)}/diff?with=live`, { patience: LONG_PATIENCE });
export const readMember = (name, member) => call('GET', memberPath(name, member), { patience: LONG_PATIENCE });
export const memberAddress = (name, member) => `/api/${memberPath(name, member)}/raw`;
export const restoreBackup = (name, wanted) => call('POST', `${one(name)}/restore`, { body: wanted, headers: { Prefer: 'respond-async' } });
export const undoRestore = () => call('POST', 'restore/undo', { headers: { Prefer: 'respond-async' } });
export const lastRestore = () => call('GET', 'restore');
export const readSheet = () => call('GET', 'sheet', { patience: LONG_PATIENCE });

const session = (id) => `access/sessions/${encodeURIComponent(id)}`;
const token = (name) => `access/tokens/${encodeURIComponent(name)}`;

export const readAccess = () => call('GET', 'access');
export const setUp = (code, password) => call('POST', 'access/setup', { body: { code, password } });
export const signIn = (password) => call('POST', 'access/session', { body: { password } });
export const signOut = () => call('DELETE', 'access/session');
export const changePassword = (current, password) => call('PUT', 'access/password', { body: { current, password } });
export const listSessions = () => call('GET', 'access/sessions');
export const endSession = (id) => call('DELETE', session(id));
export const listTokens = () => call('GET', 'access/tokens');
export const addToken = (wanted) => call('POST', 'access/tokens', { body: wanted });
export const revokeToken = (name) => call('DELETE', token(name));
export const readAudit = () => call('GET', 'access/audit');
