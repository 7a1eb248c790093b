// SMART App Launch 2.2 scopes, as the oracle reads them: alternatives that are never merged.
import { kindOf, patientsOf, textsAt, valuesAt } from './entry.ts';
import type { Caller, Resource } from './world.ts';

export type Letter = 'c' | 'r' | 'u' | 'd' | 's';
export type Scope = {
  context: 'patient' | 'user' | 'system';
  type: string;
  letters: string;
  query: [string, string][];
};

const v1: Record<string, string> = { read: 'rs', write: 'cud', '*': 'cruds' };

/** Scopes of a token; what is none of the grammar (openid, launch, `.dus`) grants nothing. */
export function scopesOf(text: string): Scope[] {
  return text.split(' ').flatMap((one) => {
    const parts = /^(patient|user|system)\/(\w+|\*)\.(read|write|\*|c?r?u?d?s?)(?:\?(.+))?$/.exec(one);
    const [, context, type = '', letters = '', query] = parts ?? [];
    if (letters === '') return [];
    const pairs = [...new URLSearchParams(query ?? '')];
    return [{ context: context as Scope['context'], type, letters: v1[letters] ?? letters, query: pairs }];
  });
}

/** Whether any scope has the letter for the type at all, whatever the entry. */
export function hasLetter(caller: Caller, letter: Letter, type: string): boolean {
  return scopesFor(caller, letter, type).length > 0;
}

/**
 * "A `patient/` scope narrows any caller to the compartment of the patient in context. A granular scope narrows to what matches
 * it. Scopes of one token add up." A directory entry is nobody's, and read by a `patient/` scope too.
 */
export function scopeCovers(caller: Caller, letter: Letter, resource: Resource): boolean {
  return scopesFor(caller, letter, resource.resourceType).some(
    ({ context, query }) =>
      (context !== 'patient' || isInContext(caller, resource)) && query.every((pair) => isMatch(resource, pair)),
  );
}

const scopesFor = ({ scopes }: Caller, letter: Letter, type: string): Scope[] =>
  scopesOf(scopes).filter((scope) => (scope.type === '*' || scope.type === type) && scope.letters.includes(letter));

function isInContext({ patient }: Caller, resource: Resource): boolean {
  if (kindOf(resource) === 'directory') return true;
  return patient !== undefined && patientsOf(resource).includes(patient);
}

/** `category=system|code` and the like: a token parameter that is called as its element is. Commas are alternatives. */
function isMatch(resource: Resource, [name, wanted]: [string, string]): boolean {
  const codings = [...valuesAt(resource, `${name}.coding`), ...valuesAt(resource, name)];
  const tokens = codings.flatMap((coding) => {
    if (typeof coding === 'string') return [coding];
    const [system = ''] = textsAt(coding, 'system');
    return textsAt(coding, 'code').flatMap((code) => [code, `${system}|${code}`]);
  });
  return wanted.split(',').some((one) => tokens.includes(one));
}
