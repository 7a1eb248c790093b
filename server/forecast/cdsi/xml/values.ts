// The values of CDC's XML as the written form has them: Yes and No, dates, numbers, lists divided by semicolons. A value that
// is not what it should be stays text, so that the check of the written form refuses it with its place.
import { type Element, textAt } from './element.ts';

/** `Yes`, `Y`, `No`, `N`. */
export function yesNoAt(element: Element, name: string): boolean | string | undefined {
  const text = textAt(element, name);
  if (text === undefined) return undefined;
  if (/^y(es)?$/i.test(text)) return true;
  return /^no?$/i.test(text) ? false : text;
}

/** `20250827` and `01/31/1957` as `YYYY-MM-DD`. */
export function dateAt(element: Element, name: string): string | undefined {
  const text = textAt(element, name);
  const compact = /^(\d{4})(\d\d)(\d\d)$/.exec(text ?? '');
  if (compact) return compact.slice(1).join('-');
  const american = /^(\d\d)\/(\d\d)\/(\d{4})$/.exec(text ?? '');
  return american ? `${american[3]}-${american[1]}-${american[2]}` : text;
}

/** A whole number; `Dose 2` is 2. */
export function numberAt(element: Element, name: string): number | string | undefined {
  const text = textAt(element, name);
  const match = /^(?:Dose )?(\d+)$/i.exec(text ?? '');
  return match ? Number(match[1]) : text;
}

/** `01; 20;22` as three texts. */
export function listAt(element: Element, name: string): string[] {
  return (textAt(element, name) ?? '')
    .split(';')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
