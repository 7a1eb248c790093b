// Search parameters of type token. FHIR R4 search, section token: `code`, `system|code`, `|code`, `system|`.

import { isObject } from '../fhir/json.ts';
import type { TypedValue } from '../fhir/paths.ts';

export type Token = { system?: string; code?: string };

/** The tokens of one typed value: Coding, CodeableConcept, Identifier, ContactPoint, code, boolean, uri, string. */
export function tokensOf({ type, value }: TypedValue): Token[] {
  if (typeof value === 'string') return [{ code: value }];
  if (typeof value === 'boolean') return [{ code: String(value) }];
  if (!isObject(value)) return [];
  if (type === 'CodeableConcept') {
    return (Array.isArray(value.coding) ? value.coding : []).flatMap((coding) => token(coding, 'system', 'code'));
  }
  if (type === 'Identifier') return token(value, 'system', 'value');
  if (type === 'ContactPoint') return token(value, '', 'value');
  return token(value, 'system', 'code');
}

/** What a token leaves to be found by, without the parameter's name. The first is what the population index holds. */
export function tokenFacts({ system, code }: Token): string[] {
  const facts: string[] = [];
  if (code !== undefined) facts.push(`|${code}`, system === undefined ? `||${code}` : `|${system}|${code}`);
  if (system !== undefined) facts.push(`|${system}|`);
  return facts;
}

/** The fact that a search value asks for, and the code alone where it names one. */
export function askedToken(text: string): { fact: string; code?: string } {
  const bar = text.indexOf('|');
  if (bar < 0) return { fact: `|${text}`, code: text };
  const system = text.slice(0, bar);
  const code = text.slice(bar + 1);
  if (code === '') return { fact: `|${system}|` };
  return { fact: `|${system}|${code}`, code };
}

function token(value: unknown, systemName: string, codeName: string): Token[] {
  if (!isObject(value)) return [];
  const system = value[systemName];
  const code = value[codeName];
  if (typeof system !== 'string' && typeof code !== 'string') return [];
  return [{ ...(typeof system === 'string' ? { system } : {}), ...(typeof code === 'string' ? { code } : {}) }];
}
