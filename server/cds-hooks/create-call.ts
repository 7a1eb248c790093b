// A call of this server by itself, with the rights of a caller: a hook's cards are made of what its operations answer.

import type { Access } from '../access/access.ts';
import { isObject, type JsonObject } from '../fhir/json.ts';
import { type Language, unauthenticated } from '../fhir/outcome.ts';
import type { Dispatch, Fhir } from '../interaction/request.ts';
import type { HookRequest } from './types.ts';

/** Throws what the interaction or operation throws, and 401 for a caller without rights. */
export function createCall(
  fhir: Fhir,
  dispatch: Dispatch,
  { access, id, language }: { access: Access | null; id: string; language: Language },
): HookRequest['call'] {
  if (!access) throw unauthenticated();
  return async (method, path, body): Promise<JsonObject> => {
    const { body: answer } = await dispatch(fhir, { method, path, query: '', headers: {}, body, access, id, language });
    const read: unknown = JSON.parse(String(answer ?? 'null'));
    return isObject(read) ? read : {};
  };
}
