// A partner's settings for MyNa Portal: what the Digital Agency hands over (addresses, client id, certificates, template numbers)
// over what is known or assumed without it (portal-facts.json).

import { type FormKind, formKinds } from '../../mappings/myna/map.ts';
import { isObject, type JsonObject } from '../../server/fhir/json.ts';
import facts from './portal-facts.json' with { type: 'json' };
import { PortalFault } from './portal-fault.ts';

export type InquiryMode = 'latest' | 'pointInTime' | 'range';

export type PortalSettings = {
  authorizeUrl: string;
  tokenUrl: string;
  requestUrl: string;
  resultUrl: string;
  clientId: string;
  /** Where the person's browser comes back to; a port of loopback for the command. */
  redirectUri: string;
  /** Template number -> what its blocks are read as. */
  templates: ReadonlyMap<string, FormKind>;
  inquiry: { mode: InquiryMode; from?: string; to?: string };
  /** Files, PEM. */
  certificate: string;
  key: string;
  ca: string | undefined;
  pollMs: number;
  /** How long consent and answer may take. */
  patienceMs: number;
};

/** Throws PortalFault that names every fault of the text, which is JSON. */
export function readPortalSettings(text: string): PortalSettings {
  const given = parsed(text);
  const faults: string[] = [];
  const word = (name: string, isRight: (value: string) => boolean, what: string, otherwise = ''): string => {
    const value = given[name] === undefined ? otherwise : given[name];
    if (typeof value === 'string' && isRight(value)) return value;
    faults.push(`${name} must be ${what}`);
    return '';
  };
  const number = (name: string, otherwise: number): number => {
    const value = given[name] ?? otherwise;
    if (typeof value === 'number' && value >= 1 && value <= 3_600_000) return value;
    faults.push(`${name} must be a number of milliseconds up to an hour`);
    return otherwise;
  };
  const base = word('base', isHttps, 'the https address of the API').replace(/\/$/, '');
  const paths = isObject(given.paths) ? given.paths : {};
  const url = (name: keyof typeof facts.paths) =>
    `${base}${typeof paths[name] === 'string' ? paths[name] : facts.paths[name].value}`;
  const settings: PortalSettings = {
    authorizeUrl: url('authorize'),
    tokenUrl: url('token'),
    requestUrl: url('request'),
    resultUrl: url('result'),
    clientId: word(
      'clientId',
      (id) => new RegExp(facts.clientIdPattern.value).test(id),
      'of the form SP12345678_AB1234',
    ),
    redirectUri: word('redirectUri', isLoopback, 'an http address of 127.0.0.1 with a port and a path'),
    templates: templatesOf(given.templates, faults),
    inquiry: inquiryOf(given.inquiry, faults),
    certificate: word('certificate', (file) => file !== '', 'a file with the client certificate (PEM)'),
    key: word('key', (file) => file !== '', 'a file with its private key (PEM)'),
    ca:
      given.ca === undefined ? undefined : word('ca', (file) => file !== '', 'a file with certificates to trust (PEM)'),
    pollMs: number('pollMs', 3_000),
    patienceMs: number('patienceMs', 600_000),
  };
  if (faults.length > 0) throw new PortalFault('settings', `The settings are not right: ${faults.join('; ')}.`);
  return settings;
}

function templatesOf(given: unknown, faults: string[]): PortalSettings['templates'] {
  const templates = new Map<string, FormKind>();
  const entries = isObject(given) ? Object.entries(given) : [];
  for (const [id, sent] of entries) {
    const kind = formKinds.find((one) => one === sent);
    if (new RegExp(facts.templateIdPattern.value).test(id) && kind) templates.set(id, kind);
    else faults.push(`templates must give each TM and 14 digits one of ${formKinds.join(', ')}`);
  }
  if (templates.size === 0 && entries.length === 0) faults.push('templates must name at least one template');
  return templates;
}

function inquiryOf(given: unknown, faults: string[]): PortalSettings['inquiry'] {
  if (given === undefined) return { mode: 'latest' };
  const { mode, from, to } = isObject(given) ? given : {};
  const known = facts.inquiryModes.value.find((one) => one === mode);
  const isDay = (day: unknown) => day === undefined || (typeof day === 'string' && /^\d{4}-\d\d-\d\d$/.test(day));
  if (!known || !isDay(from) || !isDay(to)) {
    faults.push(
      `inquiry must have a mode (${facts.inquiryModes.value.join(', ')}) and days "from", "to" of the form YYYY-MM-DD`,
    );
    return { mode: 'latest' };
  }
  return {
    mode: known as InquiryMode,
    ...(typeof from === 'string' && { from }),
    ...(typeof to === 'string' && { to }),
  };
}

const isHttps = (text: string): boolean => URL.parse(text)?.protocol === 'https:';

function isLoopback(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'http:' && url.hostname === '127.0.0.1' && url.port !== '' && url.search === '';
}

function parsed(text: string): JsonObject {
  try {
    const content: unknown = JSON.parse(text);
    if (isObject(content)) return content;
  } catch {
    // Said below, without what the file holds.
  }
  throw new PortalFault('settings', 'The settings are no JSON object.');
}
