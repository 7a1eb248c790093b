// The latest few of each kind: observations of one subject are of one kind when their codes share a coding, directly or by
// way of others. Pure. FHIR R4, https://hl7.org/fhir/R4/observation-operation-lastn.html

import { isObject, type JsonObject } from '../fhir/json.ts';

export type LastByCode<T> = {
  /** To be called with the latest first. `entry` is kept only as long as it may be among the answers. */
  add(observation: JsonObject, entry: T): void;
  /** The kinds in the order of their latest, each with at most `max` entries, latest first. */
  groups(): T[][];
};

export function createLastByCode<T>(max: number): LastByCode<T> {
  /** A name of a kind -> one that means the same; the last in this row stands for the kind. */
  const same = new Map<string, string>();
  const sizes = new Map<string, number>();
  const kept: { name: string; entry: T }[] = [];

  const kindOf = (name: string): string => {
    let kind = name;
    for (let next = same.get(kind); next !== undefined && next !== kind; next = same.get(kind)) kind = next;
    same.set(name, kind);
    return kind;
  };

  return {
    add: (observation, entry) => {
      const [first = '', ...others] = namesOf(observation);
      const kind = kindOf(first);
      for (const name of others) {
        const other = kindOf(name);
        if (other === kind) continue;
        same.set(other, kind);
        sizes.set(kind, (sizes.get(kind) ?? 0) + (sizes.get(other) ?? 0));
      }
      const before = sizes.get(kind) ?? 0;
      sizes.set(kind, before + 1);
      // Kinds only grow together: what comes behind `max` later ones now does so in the end.
      if (before < max) kept.push({ name: first, entry });
    },
    groups: () => {
      const groups = new Map<string, T[]>();
      for (const { name, entry } of kept) {
        const kind = kindOf(name);
        const group = groups.get(kind);
        if (!group) groups.set(kind, [entry]);
        else if (group.length < max) group.push(entry);
      }
      return [...groups.values()];
    },
  };
}

/** At least one name, each with the subject in front: of every coding, else of the text. */
function namesOf({ subject, code }: JsonObject): string[] {
  const who = isObject(subject) && typeof subject.reference === 'string' ? subject.reference : '';
  const { coding, text } = isObject(code) ? code : { coding: undefined, text: undefined };
  const codings = (Array.isArray(coding) ? coding : [])
    .filter(isObject)
    .filter((one) => typeof one.code === 'string')
    .map((one) => JSON.stringify([who, one.system ?? '', one.code]));
  return codings.length > 0 ? codings : [JSON.stringify([who, text ?? ''])];
}
