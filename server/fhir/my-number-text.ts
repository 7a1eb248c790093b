// The 12 digits of a My Number (個人番号) in text: as they are written, as HTML shows them, in the fields of an HL7 v2 message.
// Check digit: ordinance 85 of 2014, article 5. About one 12-digit number in ten has a right one by chance, so what is known to
// be something else (a UUID, a digest, a telephone number with its +, the digits behind a decimal point) is left out.

export type Exempt = {
  /** Identifier systems whose 12-digit values are patient numbers of a hospital. */
  systems: ReadonlySet<string>;
  /** One such number, in an original that does not say its system. */
  number?: string | undefined;
  /** True inside a resource that defines codes. */
  areCodes?: boolean;
};

/** Nothing is left out. */
export const noneExempt: Exempt = { systems: new Set() };

/** True for 12 half-width digits whose last is the check digit of the first eleven. */
export function hasMyNumberCheckDigit(digits: string): boolean {
  if (!/^\d{12}$/.test(digits)) return false;
  let sum = 0;
  for (let n = 1; n <= 11; n++) sum += Number(digits[11 - n]) * (n <= 6 ? n + 1 : n - 5);
  const rest = sum % 11;
  return Number(digits[11]) === (rest <= 1 ? 0 : 11 - rest);
}

/** True when the text holds 12 digits that check: in one run, or in three groups of four as the card shows them. */
export function holdsNumber(text: string, exempt: Exempt = noneExempt): boolean {
  if (text.length < 12 || !hasDigits.test(text) || !mayHold.test(text)) return false;
  return numbersIn(shown(plain(text)), everyNumber).some((found) => !isExempt(found, exempt));
}

/** The same of numbers that stand beside each other (SampledData), where groups of four are nothing but numbers. */
export const holdsWholeNumber = (text: string): boolean => numbersIn(text, everyWholeNumber).length > 0;

/** The same of an HL7 v2 message, but for its time stamps and the numbers of messages, orders and specimens. */
export function hl7HoldsNumber(message: string, exempt: Exempt): boolean {
  return message.split(/[\r\n]+/).some((line) => {
    const fields = line.replace(/^\v/, '').split('|');
    const name = fields[0] ?? '';
    // MSH-1 is the separator itself.
    const numberOf = (index: number) => `${name}-${name === 'MSH' ? index + 1 : index}`;
    return fields.some((field, index) => {
      if (orderNumbers.has(numberOf(index))) return false;
      const rest = patientNumbers.has(numberOf(index)) ? field : field.replace(wholeTimes, '');
      return holdsNumber(rest, exempt);
    });
  });
}

export const isHl7 = (text: string): boolean => /^\v?(?:MSH|FHS|BHS)\|/.test(text);

/** The text with every My Number in it blanked out, for what is said about a refusal. */
export function withoutNumbers(text: string): string {
  if (text.length < 12 || !/[\d０-９]{4}/.test(text)) return text;
  const told = text.replace(uuidOrDigest, (one) => '-'.repeat(one.length));
  return text.replace(everyWritten, (run, at: number) =>
    told[at] !== '-' && holdsNumber(run) ? run.replace(/[\d０-９]/g, '*') : run,
  );
}

/**
 * The text with every run of 12 digits blanked out, whatever its check digit: for an original that is known to hold a
 * My Number and is kept without it. Length is unchanged.
 */
export function redactTwelveDigits(text: string): string {
  return text.replace(/(?<![\d０-９])[\d０-９](?:[ \-－]?[\d０-９]){11}(?![\d０-９])/g, (run) =>
    run.replace(/[\d０-９]/g, '*'),
  );
}

const isPlainAscii = /^[ -~]*$/;

/** Full-width letters and digits made half-width; what nobody sees between them is left out. */
export function plain(text: string): string {
  return isPlainAscii.test(text) ? text : text.normalize('NFKC').replace(/[\u00ad\u200b-\u200f\u2060\ufeff]/g, '');
}

const between = String.raw`[\s\p{Pd}ー−・]{1,3}`;
const everyNumber = new RegExp(String.raw`(?<![\d+]|\d\.)(?:\d{12}|\d{4}(?:${between}\d{4}){2,})(?!\d)`, 'gu');
const everyWholeNumber = /(?<![\d+]|\d\.)\d{12}(?!\d)/g;
const everyWritten = /[\d０-９](?:[\s\p{Pd}ー−・]{0,3}[\d０-９]){11,}/gu;
/** Quick to say no: digits enough, or digits that are not what they look like. */
const hasDigits = /\d\d\d\d|\d<|&#|[^ -~]/;
const mayHold = /\d{12}|\d{4}\D{1,3}\d{4}|[０-９\u00ad\u200b-\u200f\u2060\ufeff]|\d<|&#/;

type Found = { digits: string; before: string };

function numbersIn(text: string, pattern: RegExp): Found[] {
  const found: Found[] = [];
  let told: string | undefined;
  for (const { index, 0: run } of text.matchAll(pattern)) {
    const digits = candidatesIn(run).find(hasMyNumberCheckDigit);
    if (digits === undefined) continue;
    // Only now, for few texts come so far: what is no number, blanked out.
    told ??= text.replace(uuidOrDigest, (one) => '-'.repeat(one.length));
    if (told[index] !== '-') found.push({ digits, before: text.slice(Math.max(0, index - longestSystem), index) });
  }
  return found;
}

/** A longer row of groups of four is a series of figures. */
const mostGroups = 4;

function candidatesIn(run: string): string[] {
  const groups = run.match(/\d+/g) ?? [];
  if (groups.length > mostGroups) return [];
  return groups.length < 3 ? groups : groups.slice(2).map((_, n) => groups.slice(n, n + 3).join(''));
}

const longestSystem = 300;
const uuidOrDigest =
  /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![0-9a-z])(?:[0-9a-f]{128}|[0-9a-f]{96}|[0-9a-f]{64}|[0-9a-f]{56}|[0-9a-f]{40}|[0-9a-f]{32})(?![0-9a-z])/gi;

/** A number behind its system and a bar, as searches and conditional references write it. */
function isExempt({ digits, before }: Found, { systems, number }: Exempt): boolean {
  if (digits === number) return true;
  for (const system of systems) if (before.endsWith(`${system}|`)) return true;
  return false;
}

const entities: Record<string, string> = { nbsp: ' ', ensp: ' ', emsp: ' ', thinsp: ' ', shy: '', zwnj: '', zwj: '' };
const inlineTags = /<\/?(?:a|abbr|b|big|bdo|code|em|font|i|ins|q|s|small|span|strong|sub|sup|tt|u|var)(?:\s[^<>]*)?>/gi;

/** Of HL7 v3 (CDA) a TS to the minute, with or without its zone, in an element for times. */
const cdaTimes =
  /(<(?:\w{1,20}:)?(?:\w{0,30}[tT]ime|low|high|center)\s(?:[^<>]{0,200}\s)?value=["'])(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[+-]\d{4})?(?=["'])/g;

/** What a reader of HTML sees: digits may be set in tags and written as entities. */
function shown(text: string): string {
  if (!text.includes('<') && !text.includes('&')) return text;
  const untagged = text
    .replace(cdaTimes, '$1')
    .replace(inlineTags, '')
    .replace(/<[^<>]*>/g, (tag) => (/\d{4}/.test(tag) ? ` ${tag} ` : ' | '));
  return plain(
    untagged.replace(/&(?:#(\d{1,6})|#x([0-9a-f]{1,5})|([a-z]{2,8}));/gi, (whole, decimal, hex, name) => {
      if (name !== undefined) return entities[String(name).toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
      return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    }),
  );
}

// HL7 v2.5: identifiers of messages (MSH-10, MSA-2), orders (EI) and specimens; a sender counts them as it likes.
const orderNumbers = new Set(['MSH-10', 'MSA-2', 'ORC-2', 'ORC-3', 'ORC-4', 'ORC-8', 'OBR-2', 'OBR-3', 'SPM-2']);
const patientNumbers = new Set(['PID-2', 'PID-3', 'PID-4', 'PID-18', 'PID-19']);
/** A TS to the minute, with or without its zone, alone in its field, component or repetition. */
const wholeTimes =
  /(?<![^~^&])(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d(?:[+-]\d{4})?(?![^~^&])/g;
