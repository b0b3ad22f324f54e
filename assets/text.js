//! Says sentences of the catalogue, numbers and sizes in the reader's language.
//! Never makes up a sentence of its own.

/** The box has chosen it: as the reader wished, else as his browser asks. */
export const language = document.documentElement.lang;

const catalogue = new Map();
const plural = new Intl.PluralRules(language);
const count = new Intl.NumberFormat(language);

/** Fetches the catalogue; everything below needs it. */
export async function loadCatalogue() {
  const answer = await fetch(new URL(`text/${language}.json`, import.meta.url));
  if (!answer.ok) throw new Error(`catalogue: ${answer.status}`);
  for (const [key, entry] of Object.entries(await answer.json())) catalogue.set(key, entry);
}

/** The sentence of this key with its gaps filled once; the key itself when it is unknown. */
export function say(key, gaps = {}) {
  let template = catalogue.get(key);
  if (template === undefined) return key;
  if (typeof template === 'object') {
    template = plural.select(Number(gaps.count)) === 'one' ? template.one : template.other;
  }
  return template.replace(/\{(\w+)\}/g, (gap, name) => gaps[name] ?? gap);
}

/** What the box says, set as the page's own sentences are: see `src/text/typeset.rs`. */
export function typeset(text) {
  const curly = text.replace(/'/g, '\u2019');
  if (language !== 'fr') return curly;
  return curly.replace(/ ([:;?!»])/g, '\u00a0$1').replace(/« /g, '«\u00a0');
}

/** `aujourd'hui` → `Aujourd'hui`. */
export function capital(text) {
  return text.charAt(0).toLocaleUpperCase(language) + text.slice(1);
}

/** 10000 → `10 000`. */
export function number(value) {
  return count.format(value);
}

/** Base 1024 and one decimal, as the API words sizes: 1258291 → `1,2 Mo`. */
export function size(bytes) {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
  let step = 0;
  while (bytes >= 1024 && step + 1 < units.length) {
    bytes /= 1024;
    step += 1;
  }
  const digits = step === 0 ? 0 : 1;
  return new Intl.NumberFormat(language, {
    style: 'unit', unit: units[step], unitDisplay: step === 0 ? 'long' : 'short',
    minimumFractionDigits: digits, maximumFractionDigits: digits,
  }).format(bytes);
}
