//! What a browser says of itself, in plain words. Pure.

import { say } from './text.js';

/** The first that is found counts: most browsers claim to be several others as well. */
const BROWSERS = [
  ['Edge', /\bEdg(A|iOS)?\//], ['Opera', /\bOPR\//], ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(Firefox|FxiOS)\//], ['Chrome', /\b(Chrome|CriOS|Chromium|HeadlessChrome)\//],
  ['Safari', /\bSafari\//], ['curl', /^curl\//],
];
const SYSTEMS = [
  ['Android', /\bAndroid\b/], ['iPhone', /\biPhone\b/], ['iPad', /\biPad\b/], ['Windows', /\bWindows\b/],
  ['ChromeOS', /\bCrOS\b/], ['Mac', /\bMacintosh\b/], ['Linux', /\bLinux\b/],
];

/** `Firefox sur Android`. */
export function browserName(text) {
  const find = (list) => list.find(([, mark]) => mark.test(text))?.[0];
  const browser = find(BROWSERS) ?? say('panel.browser.some');
  const system = find(SYSTEMS);
  return system ? say('panel.browser.on', { browser, system }) : browser;
}
