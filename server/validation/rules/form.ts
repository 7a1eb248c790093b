// A Questionnaire as the checks of its responses need it: every item by its linkId, and what its extensions ask of an answer.
// FHIR R4, https://hl7.org/fhir/R4/questionnaire.html

import type { JsonObject } from '../../fhir/json.ts';
import { objects } from '../../terminology/code-index.ts';

export type FormItem = {
  linkId: string;
  /** http://hl7.org/fhir/item-type */
  type: string;
  /** The item as the Questionnaire has it. */
  definition: JsonObject;
  items: readonly FormItem[];
};

export type Form = {
  questionnaire: JsonObject;
  items: readonly FormItem[];
  /** However deep; of two with one linkId the first. */
  byLinkId: ReadonlyMap<string, FormItem>;
};

/** Made once for each Questionnaire. Items without a linkId are no part of it: nothing can answer them. */
export function formOf(questionnaire: JsonObject): Form {
  const known = forms.get(questionnaire);
  if (known) return known;
  const byLinkId = new Map<string, FormItem>();
  const form = { questionnaire, items: itemsOf(questionnaire, byLinkId), byLinkId };
  forms.set(questionnaire, form);
  return form;
}

const forms = new WeakMap<JsonObject, Form>();

function itemsOf(owner: JsonObject, byLinkId: Map<string, FormItem>): FormItem[] {
  return objects(owner.item).flatMap((definition) => {
    const { linkId, type } = definition;
    if (typeof linkId !== 'string') return [];
    const items: FormItem[] = [];
    const item = { linkId, type: String(type), definition, items };
    if (!byLinkId.has(linkId)) byLinkId.set(linkId, item);
    for (const one of itemsOf(definition, byLinkId)) items.push(one);
    return [item];
  });
}

/** A value of a choice element, `valueDate` being of type `Date`. */
export type TypedAnswer = { type: string; value: unknown };

/** One that a response gives, and the path of its answer. */
export type Given = TypedAnswer & { path: string };

/** The value[x] (or answer[x]) of an object: its type as its name has it, and itself. */
export function choiceOf(owner: JsonObject, name: string): TypedAnswer | undefined {
  for (const key in owner) {
    if (key.length > name.length && key.startsWith(name) && /[A-Z]/.test(key.charAt(name.length)))
      return { type: key.slice(name.length), value: owner[key] };
  }
  return undefined;
}

const CORE = 'http://hl7.org/fhir/StructureDefinition/';
const SDC = 'http://hl7.org/fhir/uv/sdc/StructureDefinition/';

/** The values of the extensions of that name, from R4 or from Structured Data Capture. */
export function extensionValues(owner: JsonObject, name: string): TypedAnswer[] {
  return objects(owner.extension)
    .filter(({ url }) => url === `${CORE}${name}` || url === `${SDC}${name}`)
    .flatMap((extension) => choiceOf(extension, 'value') ?? []);
}

/** Of the first such extension. */
export function extensionValue(owner: JsonObject, name: string): TypedAnswer | undefined {
  return extensionValues(owner, name)[0];
}

/** A resource that a `#id` names among those contained in `owner`. */
export function containedIn(owner: JsonObject, reference: string): JsonObject | undefined {
  return objects(owner.contained).find(({ id }) => `#${id}` === reference);
}
