// Shapes of JSON values: each is a function that complains, with the field's path, about a value that is not of the shape.
// The written form of a schedule (source-shapes.ts) is put together from these.
import { parseDay } from '../days.ts';
import { parseDuration } from '../duration.ts';

/** Says that a field is at fault. The path is from the row that is looked at: `ages[0].minAge`. */
export type Complain = (field: string, fault: string) => void;

export type Shape = (value: unknown, field: string, complain: Complain) => void;

export const text: Shape = (value, field, complain) => {
  if (typeof value !== 'string' || value.trim() === '') complain(field, `must be a text, is ${shown(value)}`);
};

export const yesNo: Shape = (value, field, complain) => {
  if (typeof value !== 'boolean') complain(field, `must be true or false, is ${shown(value)}`);
};

/** A whole number from `least` on. */
export const whole =
  (least: number): Shape =>
  (value, field, complain) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least)
      complain(field, `must be a whole number from ${least} on, is ${shown(value)}`);
  };

/** A text of duration.ts: `12 months - 4 days`, short enough for every date counted with it to be a real one. */
export const duration: Shape = (value, field, complain) => {
  if (typeof value !== 'string') return complain(field, `must be a duration, is ${shown(value)}`);
  const read = parseDuration(value);
  if (read === undefined) return complain(field, `cannot read the duration ${shown(value)}`);
  const years = Math.max(Math.abs(read.months) / 12, Math.abs(read.days) / 365, (read.halfMonths ?? 0) / 24);
  if (years > LONGEST_YEARS) complain(field, `is longer than ${LONGEST_YEARS} years: ${shown(value)}`);
};

const LONGEST_YEARS = 200;

export const date: Shape = (value, field, complain) => {
  if (typeof value !== 'string' || parseDay(value) === undefined)
    complain(field, `must be a date (YYYY-MM-DD), is ${shown(value)}`);
};

/** One of a few words. */
export const exactly =
  (...words: string[]): Shape =>
  (value, field, complain) => {
    if (typeof value !== 'string' || !words.includes(value))
      complain(field, `must be one of ${words.join(', ')}, is ${shown(value)}`);
  };

/** One of a few words, upper and lower case alike: the data do not agree on it. */
export const word =
  (...words: string[]): Shape =>
  (value, field, complain) => {
    const isKnown = typeof value === 'string' && words.some((one) => one.toLowerCase() === value.toLowerCase());
    if (!isKnown) complain(field, `must be one of ${words.join(', ')}, is ${shown(value)}`);
  };

/** A name that stands elsewhere in the schedule. */
export const oneOf =
  (what: string, names: ReadonlySet<string>): Shape =>
  (value, field, complain) => {
    if (typeof value !== 'string') complain(field, `must be a text, is ${shown(value)}`);
    else if (!names.has(value)) complain(field, `there is no ${what} ${shown(value)}`);
  };

/** A list with at least one member. */
export const list =
  (member: Shape): Shape =>
  (value, field, complain) => {
    if (!Array.isArray(value)) complain(field, `must be a list, is ${shown(value)}`);
    else if (value.length === 0) complain(field, 'must not be empty; leave the field out instead');
    else for (const [i, one] of value.entries()) member(one, `${field}[${i}]`, complain);
  };

/** A list that may be empty. */
export const anyList =
  (member: Shape): Shape =>
  (value, field, complain) => {
    if (!Array.isArray(value) || value.length > 0) list(member)(value, field, complain);
  };

/** An object with these fields and no others. */
export const fields =
  (required: Readonly<Record<string, Shape>>, optional: Readonly<Record<string, Shape>> = {}): Shape =>
  (value, field, complain) => {
    if (!isRecord(value)) return complain(field, `must be an object, is ${shown(value)}`);
    const path = (name: string) => (field === '' ? name : `${field}.${name}`);
    for (const [name, shape] of Object.entries(required)) {
      if (Object.hasOwn(value, name)) shape(value[name], path(name), complain);
      else complain(path(name), 'is missing');
    }
    for (const [name, one] of Object.entries(value)) {
      if (Object.hasOwn(required, name)) continue;
      const shape = Object.hasOwn(optional, name) ? optional[name] : undefined;
      if (shape) shape(one, path(name), complain);
      else complain(path(name), `is not a field here; known: ${Object.keys({ ...required, ...optional }).join(', ')}`);
    }
  };

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value as it is shown in a fault: short, however long it is. */
function shown(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}
