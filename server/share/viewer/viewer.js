// The viewer of SMART Health Links in a browser. What it reads links, files and Bundles with stands in reading/ and is put in front
// of this text by viewer-page.ts. All that comes from a link is written as text, never as markup.

import { bytesOf, isRecord } from '../reading/base64url.ts';
import { inflated, openFile, utf8 } from '../reading/file.ts';
import { readLink } from '../reading/link.ts';
import { readManifest } from '../reading/manifest.ts';
import { shownOf } from '../reading/shown.ts';

const words = {
  ja: {
    title: '共有された記録',
    other: 'English',
    intro: '家族が共有した記録を開きます。復号はこの画面の中だけで行われ、あなたが名乗った名前は家族に伝わります。',
    recipient: 'あなたの名前または施設名',
    passcode: 'パスコード（家族から聞いたもの）',
    open: '記録を開く',
    opening: '開いています…',
    none: 'リンクがありません。家族から受け取ったリンクか QR コードをもう一度開いてください。',
    bad: 'このリンクは正しくありません。',
    newer: 'このリンクは新しい形式のため、この画面では開けません。',
    stale: 'このリンクの期限は過ぎています。家族に新しいリンクを頼んでください。',
    elsewhere: 'このリンクは別のサービスのものです。この画面では開けません。',
    gone: 'このリンクはもう使えません。期限が過ぎたか、家族が共有をやめました。',
    wrong: 'パスコードが違います。残りの回数: ',
    busy: '混み合っています。しばらくしてからもう一度お試しください。',
    failed: '開けませんでした。もう一度お試しください。',
    unsealed: 'ファイルを復号できませんでした: ',
    born: '生年月日',
    sex: '性別',
    when: '日付',
    vaccine: 'ワクチン',
    number: '回',
    lot: 'ロット',
    place: '接種した所',
    empty: '記録はありません。',
    save: 'ファイルを保存',
    card: '健康証明カード（SMART Health Card）',
    cardNote: '署名の検証はこの画面では行っていません。発行者: ',
  },
  en: {
    title: 'A shared record',
    other: '日本語',
    intro:
      'A family shared a record with you. It is decrypted in this page only; the family is told the name you give.',
    recipient: 'Your name or organization',
    passcode: 'Passcode (ask the family)',
    open: 'Open the record',
    opening: 'Opening…',
    none: 'There is no link here. Please open the link or QR code from the family again.',
    bad: 'This link is not valid.',
    newer: 'This link is of a newer kind, which this page cannot open.',
    stale: 'This link has expired. Please ask the family for a new one.',
    elsewhere: 'This link belongs to another service and cannot be opened here.',
    gone: 'This link no longer works: it has expired, or the family has ended it.',
    wrong: 'The passcode is wrong. Tries left: ',
    busy: 'Too many requests. Please try again in a while.',
    failed: 'It could not be opened. Please try again.',
    unsealed: 'A file could not be decrypted: ',
    born: 'Born',
    sex: 'Sex',
    when: 'Date',
    vaccine: 'Vaccine',
    number: 'Dose',
    lot: 'Lot',
    place: 'Where',
    empty: 'Nothing is recorded.',
    save: 'Save the file',
    card: 'SMART Health Card',
    cardNote: 'The signature was not checked on this page. Issuer: ',
  },
};

const main = document.getElementById('main');
const switcher = document.getElementById('language');
let language = navigator.language.startsWith('ja') ? 'ja' : 'en';
/** What has been opened: `{ contentType, text }` each. */
let files = [];

function show() {
  const say = words[language];
  document.documentElement.lang = language;
  document.title = `${say.title} – Tsumugi`;
  switcher.textContent = say.other;
  switcher.lang = language === 'ja' ? 'en' : 'ja';
  if (files.length > 0) showFiles();
  else showForm();
}

/** A link that was cut may end in half of a percent sign. */
function hashText() {
  try {
    return decodeURI(location.hash.slice(1));
  } catch {
    return '';
  }
}

function readHash() {
  return readLink(hashText(), { nowMs: Date.now(), ownOrigin: location.origin });
}

function showForm() {
  const say = words[language];
  const heading = element('h1', say.title);
  if (location.hash.length < 2) return fill(heading, fault(say.none));
  const read = readHash();
  if (read.outcome === 'refuse') return fill(heading, fault(say.newer));
  if (read.outcome === 'reject') return fill(heading, fault(say.bad));
  const { payload } = read;
  if (read.outcome === 'stale') return fill(heading, fault(say.stale));
  if (new URL(payload.url).origin !== location.origin) return fill(heading, fault(say.elsewhere));
  const form = element('form');
  const recipient = field(form, say.recipient, { name: 'recipient', autocomplete: 'organization', maxLength: 200 });
  const isLocked = (payload.flag ?? '').includes('P');
  const passcode = isLocked
    ? field(form, say.passcode, { name: 'passcode', autocomplete: 'off', type: 'password', maxLength: 200 })
    : undefined;
  const button = element('button', say.open);
  const state = element('p');
  state.setAttribute('role', 'alert');
  form.append(button, state);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    state.className = 'soft';
    state.textContent = say.opening;
    try {
      files = await openedFiles(payload, recipient.value.trim(), passcode?.value);
      show();
    } catch (error) {
      button.disabled = false;
      state.className = 'fault';
      state.textContent = error instanceof Told ? error.message : say.failed;
    }
  });
  const label = payload.label ? [element('p', payload.label)] : [];
  fill(heading, ...label, element('p', say.intro), form);
}

/** An error whose message is for the reader. */
class Told extends Error {}

async function openedFiles({ url, key, flag = '' }, recipient, passcode) {
  const say = words[language];
  const sealed = flag.includes('U')
    ? [await textOf(await asked(`${url}?recipient=${encodeURIComponent(recipient)}`))]
    : await filesOfManifest(url, { recipient, ...(passcode && { passcode }) });
  const opened = [];
  for (const jwe of sealed) {
    const file = await openFile(jwe, key);
    if (file.outcome === 'reject') throw new Told(say.unsealed + file.why);
    opened.push({ contentType: file.contentType ?? 'application/fhir+json', text: file.text });
  }
  return opened;
}

async function filesOfManifest(url, request) {
  const headers = { 'content-type': 'application/json' };
  const response = await asked(url, { method: 'POST', headers, body: JSON.stringify(request) });
  const manifest = readManifest(await response.json(), location.origin);
  if (manifest.outcome === 'reject') throw new Told(words[language].failed);
  const texts = [];
  for (const { embedded, location: at } of manifest.files) texts.push(embedded ?? (await textOf(await asked(at))));
  return texts;
}

const textOf = (response) => response.text();

async function asked(url, options = {}) {
  const say = words[language];
  const response = await fetch(url, {
    ...options,
    credentials: 'omit',
    redirect: 'error',
    referrerPolicy: 'no-referrer',
  });
  if (response.ok) return response;
  if (response.status === 404) throw new Told(say.gone);
  if (response.status === 429) throw new Told(say.busy);
  if (response.status === 401) throw new Told(say.wrong + Number((await response.json()).remainingAttempts));
  throw new Told(say.failed);
}

async function showFiles() {
  const say = words[language];
  const parts = [];
  for (const [n, file] of files.entries()) {
    const isCard = file.contentType === 'application/smart-health-card';
    const bundles = isCard ? await bundlesOfCards(file.text) : [{ bundle: parsed(file.text), issuer: '' }];
    for (const { bundle, issuer } of bundles) {
      parts.push(...bundleParts(shownOf(bundle, language)));
      if (isCard) parts.push(element('p', `${say.card} – ${say.cardNote}${issuer}`, 'soft'));
    }
    parts.push(saveButton(file, n));
  }
  fill(...parts);
}

function bundleParts({ title, person, sections, notes }) {
  const say = words[language];
  const born = [person.birthDate && `${say.born} ${person.birthDate}`, person.sex && `${say.sex} ${person.sex}`];
  const head = [element('h1', person.name || title || say.title), element('p', born.filter(Boolean).join('　'))];
  return [...head, ...notes.map((note) => element('p', note, 'soft')), ...sections.flatMap(sectionParts)];
}

function sectionParts({ title, text, doses, entries }) {
  const say = words[language];
  const parts = [element('h2', title)];
  for (const line of text === '' ? [] : text.split('\n')) parts.push(element('p', line));
  if (doses.length > 0) parts.push(doseTable(doses));
  for (const entry of entries) {
    const details = element('details');
    const line = [entry.when, entry.what, entry.more].filter((part) => part !== '').join('　');
    details.append(element('summary', line), element('pre', entry.json));
    parts.push(details);
  }
  if (text === '' && doses.length + entries.length === 0) parts.push(element('p', say.empty, 'soft'));
  return parts;
}

function doseTable(doses) {
  const say = words[language];
  const names = ['when', 'vaccine', 'number', 'lot', 'place'];
  const table = element('table');
  const head = element('tr');
  for (const name of names) {
    const cell = element('th', say[name]);
    cell.scope = 'col';
    head.append(cell);
  }
  table.append(head);
  for (const dose of doses) {
    const row = element('tr');
    for (const name of names) row.append(element('td', dose[name]));
    table.append(row);
  }
  const frame = element('div', '', 'table');
  frame.append(table);
  return frame;
}

/** The Bundle in each card of a file, without its signature being checked. */
async function bundlesOfCards(text) {
  const file = parsed(text);
  const cards = isRecord(file) && Array.isArray(file.verifiableCredential) ? file.verifiableCredential : [text.trim()];
  const bundles = [];
  for (const card of cards) {
    const packed = bytesOf(String(card).split('.')[1] ?? '');
    const payload = parsed(utf8((packed && (await inflated(packed))) ?? new Uint8Array()) ?? '');
    bundles.push({ bundle: payload?.vc?.credentialSubject?.fhirBundle, issuer: String(payload?.iss ?? '') });
  }
  return bundles;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function saveButton({ contentType, text }, n) {
  const isCard = contentType === 'application/smart-health-card';
  const button = element('button', words[language].save);
  button.type = 'button';
  button.addEventListener('click', () => {
    const link = element('a');
    link.href = URL.createObjectURL(new Blob([text], { type: contentType }));
    link.download = isCard ? `card-${n + 1}.smart-health-card` : `record-${n + 1}.json`;
    link.click();
    URL.revokeObjectURL(link.href);
  });
  return button;
}

function field(form, label, attributes) {
  const line = element('p');
  const name = element('label', label);
  const input = Object.assign(element('input'), { required: true, id: attributes.name, ...attributes });
  name.htmlFor = attributes.name;
  line.append(name, input);
  form.append(line);
  return input;
}

const fault = (text) => {
  const line = element('p', text, 'fault');
  line.setAttribute('role', 'alert');
  return line;
};

function fill(...parts) {
  main.replaceChildren(...parts);
}

function element(name, text = '', className = '') {
  const made = document.createElement(name);
  if (text !== '') made.textContent = text;
  if (className !== '') made.className = className;
  return made;
}

switcher.addEventListener('click', () => {
  language = language === 'ja' ? 'en' : 'ja';
  show();
});
addEventListener('hashchange', () => {
  files = [];
  show();
});
show();
