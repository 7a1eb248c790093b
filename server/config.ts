// The settings: one table of name, parser, default and meaning; the only reader of the environment. Every fault is reported
// at once, and an unknown TSUMUGI_* name is one.

import { existsSync } from 'node:fs';
import { isIP } from 'node:net';
import { loadEnvFile } from 'node:process';

type Setting<T> = { fallback: string | undefined; parse: (text: string) => T; meaning: string };

const setting = <T>(fallback: string | undefined, parse: (text: string) => T, meaning: string): Setting<T> => ({
  fallback,
  parse,
  meaning,
});

/** In the order in which `npx tsumugi config` and the README show them. */
export const settings = {
  PORT: setting('8080', port, 'TCP port of the server; 0 takes a free one'),
  HOST: setting('127.0.0.1', text, 'address to listen on'),
  BASE_URL: setting(undefined, url, 'public address, without a slash at the end; default http://HOST:PORT'),
  DATABASE_URL: setting(undefined, databaseUrl, 'PostgreSQL 15 or newer; default: an embedded PostgreSQL in DATA_DIR'),
  DATA_DIR: setting('./.data', text, 'folder of the embedded database'),
  TSUMUGI_WORK_DIR: setting(
    undefined,
    text,
    'folder of what is made in the background (archives, bulk exports), shared by servers and workers; default: DATA_DIR/work',
  ),
  MLLP_PORT: setting(undefined, port, 'port of the HL7 v2 listener; default: none'),
  REDIS_URL: setting(undefined, redisUrl, 'Redis for background jobs; default: they run in this process'),
  LOG_LEVEL: setting('info', logLevel, 'fatal, error, warn, info, debug, trace or silent'),
  TZ: setting('Asia/Tokyo', timeZone, 'time zone of calendar rules; not used yet, they are those of Japan'),
  TSUMUGI_CLIENT_CERTIFICATE_HEADER: setting(
    undefined,
    headerName,
    'request header in which a proxy passes on the client certificate it has checked; default: none is believed',
  ),
  TSUMUGI_TRUSTED_PROXIES: setting(
    undefined,
    addresses,
    'addresses of the proxies in front, such as 10.0.0.7 or 10.1.0.0/16, whose X-Forwarded-For is believed; default: none is',
  ),
  TSUMUGI_CDSI_DIR: setting(
    undefined,
    text,
    'folder of the United States schedule: schedule.json and antigens/*.json; default: none',
  ),
  TSUMUGI_MLLP_INSTITUTION: setting(
    undefined,
    institution,
    'ten-digit number of the institution whose messages the HL7 listener takes',
  ),
  TSUMUGI_MLLP_HOST: setting(undefined, text, 'address on which the HL7 listener listens; default: HOST'),
  TSUMUGI_MLLP_CERTIFICATE: setting(
    undefined,
    text,
    'file (PEM) with the certificate of the HL7 listener, which then speaks TLS alone; default: no TLS',
  ),
  TSUMUGI_MLLP_KEY: setting(undefined, text, 'file (PEM) with the key of that certificate'),
  TSUMUGI_MLLP_CLIENT_CA: setting(
    undefined,
    text,
    'file (PEM) of the authorities whose certificates senders have to show to the HL7 listener; default: none are asked for',
  ),
  TSUMUGI_SSMIX2_ROOT: setting(
    undefined,
    text,
    'root folder of a standardized storage (SS-MIX2) that the server keeps up with; default: none',
  ),
  TSUMUGI_SSMIX2_INSTITUTION: setting(
    undefined,
    institution,
    'ten-digit number of the institution whose storage that is; needed with it',
  ),
  TSUMUGI_MRN_SYSTEMS: setting(
    undefined,
    words,
    'identifier systems of patient numbers, with spaces between them: their 12 digits are not taken for a My Number',
  ),
  TSUMUGI_JPKI_ANCHORS: setting(
    undefined,
    text,
    'folder of the authorities (.pem) whose My Number Card certificates sign people in; default: none do',
  ),
  TSUMUGI_JPKI_OCSP_URL: setting(
    undefined,
    url,
    'OCSP responder that is asked about those certificates; default: the one they name',
  ),
  TSUMUGI_TSA_URL: setting(
    undefined,
    url,
    'time stamp authority (RFC 3161) that stamps archives; default: the clock of this server',
  ),
  TSUMUGI_TSA_CA: setting(
    undefined,
    text,
    'file (PEM) of the certificates to which its stamps lead; needed with it, and put into every archive',
  ),
} as const;

type Settings = typeof settings;
type Parsed = { [Name in keyof Settings]: ReturnType<Settings[Name]['parse']> };
type Optional =
  | 'BASE_URL'
  | 'DATABASE_URL'
  | 'MLLP_PORT'
  | 'TSUMUGI_WORK_DIR'
  | 'REDIS_URL'
  | 'TSUMUGI_CLIENT_CERTIFICATE_HEADER'
  | 'TSUMUGI_TRUSTED_PROXIES'
  | 'TSUMUGI_CDSI_DIR'
  | 'TSUMUGI_MLLP_INSTITUTION'
  | 'TSUMUGI_MLLP_HOST'
  | 'TSUMUGI_MLLP_CERTIFICATE'
  | 'TSUMUGI_MLLP_KEY'
  | 'TSUMUGI_MLLP_CLIENT_CA'
  | 'TSUMUGI_SSMIX2_ROOT'
  | 'TSUMUGI_SSMIX2_INSTITUTION'
  | 'TSUMUGI_MRN_SYSTEMS'
  | 'TSUMUGI_JPKI_ANCHORS'
  | 'TSUMUGI_JPKI_OCSP_URL'
  | 'TSUMUGI_TSA_URL'
  | 'TSUMUGI_TSA_CA';
export type Config = Readonly<Omit<Parsed, Optional> & Partial<Pick<Parsed, Optional>>>;

/** Thrown for wrong settings; the message has one line for each fault. */
export class ConfigError extends Error {}

/** The settings of this process, from its environment and `.env` in the working folder. Throws ConfigError. */
export function readConfig(): Config {
  if (existsSync('.env')) loadEnvFile('.env');
  return parseConfig(process.env);
}

/** The environment for a child process that runs with the same settings, some of them changed. */
export function environmentWith(changes: Record<string, string>): Record<string, string | undefined> {
  return { ...process.env, ...changes };
}

/** The settings of an environment; '' counts as absent. Throws ConfigError. */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const faults: string[] = [];
  const config: Record<string, unknown> = {};
  for (const [name, { fallback, parse }] of Object.entries(settings)) {
    const given = environment[name] || fallback;
    if (given === undefined) continue;
    try {
      config[name] = parse(given);
    } catch (error) {
      faults.push(`${name}: ${(error as Error).message}`);
    }
  }
  for (const name of Object.keys(environment)) {
    if (name.startsWith('TSUMUGI_') && !(name in settings)) faults.push(`${name}: there is no such setting`);
  }
  if (faults.length > 0) throw new ConfigError(faults.join('\n'));
  return Object.freeze(config) as Config;
}

function text(value: string): string {
  return value;
}

function words(value: string): readonly string[] {
  return value.trim().split(/\s+/);
}

function port(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new Error('must be a port number from 0 to 65535');
  return number;
}

function url(value: string): string {
  if (!/^https?:\/\/[^\s?#]+[^\s?#/]$/.test(value))
    throw new Error('must be an http or https address without a slash at the end');
  return value;
}

function databaseUrl(value: string): string {
  if (!/^postgres(ql)?:\/\//.test(value)) throw new Error('must begin with postgresql://');
  return value;
}

function redisUrl(value: string): string {
  if (!/^rediss?:\/\//.test(value)) throw new Error('must begin with redis://');
  return value;
}

function logLevel(value: string): string {
  const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];
  if (!levels.includes(value)) throw new Error(`must be one of ${levels.join(', ')}`);
  return value;
}

function timeZone(value: string): string {
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
  } catch {
    throw new Error('must be a time zone such as Asia/Tokyo');
  }
  return value;
}

function headerName(value: string): string {
  if (!/^[A-Za-z][A-Za-z0-9-]*$/.test(value)) throw new Error('must be the name of a header');
  return value;
}

function addresses(value: string): string[] {
  const given = value.split(/[\s,]+/).filter(Boolean);
  if (!given.every(isNetwork))
    throw new Error('must be IP addresses or networks of them (10.1.0.0/16), with commas between');
  return given;
}

/** An IP address, or a network that is smaller than the world. */
function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const longest = isIP(address) === 4 ? 32 : 128;
  const isSize = bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= longest);
  return isIP(address) !== 0 && isSize && more.length === 0;
}

function institution(value: string): string {
  if (!/^\d{10}$/.test(value)) throw new Error('must have ten digits');
  return value;
}
