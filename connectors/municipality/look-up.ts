// What the server already has of a file's rows: Patients by the municipality's numbers, resources by their identifiers. Asked by POST,
// so that no number stands in an address.

import type { PatientIdentifier } from '../../mappings/record.ts';
import { isObject, type JsonObject, parseJson } from '../../server/fhir/json.ts';
import { DeliveryFailed, notReached } from '../deliver.ts';

export type LookUp = (type: string, identifiers: readonly PatientIdentifier[]) => Promise<Map<string, JsonObject>>;

/** How a resource is named in what a look-up finds. */
export const keyOf = ({ system, value }: { system?: string; value?: string }): string => `${system}|${value}`;

const MOST_VALUES = 100;

/**
 * Resources by each of their identifiers (`keyOf`); of two with one identifier, neither. Numbers keep their digits. Throws
 * DeliveryFailed when the server does not answer or will not say.
 */
export function createLookUp({ fhirBase, token }: { fhirBase: string; token: string }): LookUp {
  return async (type, identifiers) => {
    const found = new Map<string, JsonObject>();
    const twice = new Set<string>();
    for (let at = 0; at < identifiers.length; at += MOST_VALUES) {
      const some = identifiers.slice(at, at + MOST_VALUES);
      const form = new URLSearchParams({ identifier: some.map(searchToken).join(','), _count: '1000' });
      for (const resource of await search(`${fhirBase}/${type}/_search`, token, form))
        for (const key of identifierKeysOf(resource)) {
          if (found.has(key)) twice.add(key);
          found.set(key, resource);
        }
    }
    for (const key of twice) found.delete(key);
    return found;
  };
}

export type LookUpIds = (type: string, ids: readonly string[]) => Promise<Map<string, JsonObject>>;

/** Resources by their logical ids, as far as the caller sees them. */
export function createLookUpIds({ fhirBase, token }: { fhirBase: string; token: string }): LookUpIds {
  return async (type, ids) => {
    const found = new Map<string, JsonObject>();
    for (let at = 0; at < ids.length; at += MOST_VALUES) {
      const form = new URLSearchParams({ _id: ids.slice(at, at + MOST_VALUES).join(','), _count: '1000' });
      for (const one of await search(`${fhirBase}/${type}/_search`, token, form)) found.set(String(one.id), one);
    }
    return found;
  };
}

const searchToken = ({ system, value }: PatientIdentifier): string => `${escaped(system)}|${escaped(value)}`;
const escaped = (text: string): string => text.replace(/[\\|,$]/g, '\\$&');

/** `keyOf` of each identifier of a resource. */
export function identifierKeysOf({ identifier }: JsonObject): Set<string> {
  const identifiers = Array.isArray(identifier) ? identifier.filter(isObject) : [];
  return new Set(identifiers.map(({ system, value }) => keyOf({ system: String(system), value: String(value) })));
}

async function search(url: string, token: string, form: URLSearchParams): Promise<JsonObject[]> {
  const { status, body } = await call('POST', url, token, {
    body: form.toString(),
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  if (status !== 200) throw new DeliveryFailed(`The server did not say what it has (HTTP ${status}).`, status);
  const entries = Array.isArray(body.entry) ? body.entry.filter(isObject) : [];
  return entries.map(({ resource }) => resource).filter(isObject);
}

/** One request; what is no JSON object counts as an empty one. Throws DeliveryFailed where trying again may help. */
export async function call(
  method: 'POST' | 'PUT',
  url: string,
  token: string,
  { body, headers }: { body: string; headers: Record<string, string> },
): Promise<{ status: number; body: JsonObject }> {
  const signal = AbortSignal.timeout(60_000);
  const response = await fetch(url, { method, body, signal, headers: { ...headers, authorization: `Bearer ${token}` } })
    .then(async (answer) => ({ status: answer.status, text: await answer.text() }))
    .catch((error: unknown) => {
      throw notReached(error);
    });
  const { status, text } = response;
  if (status === 401 || status === 408 || status === 429 || status >= 500)
    throw new DeliveryFailed(`The server answered HTTP ${status}.`, status);
  const content: unknown = text === '' ? {} : parseJson(text);
  return { status, body: isObject(content) ? content : {} };
}
