// What is asked of $growth: in the query or as Parameters. Everything is read or refused.
// OperationDefinition: profiles/operation-definitions/growth.json

import { badRequest } from '../fhir/outcome.ts';
import { MEASURES, type Measure, REFERENCES, type ReferenceId } from '../growth/references.ts';
import { readParameters, required } from '../interaction/parameters.ts';

export type GrowthRequest = {
  /** All of them where none is named. */
  measures: readonly Measure[];
  /** Undefined: the one that is usual for each measure. */
  reference: ReferenceId | undefined;
};

const names = ['measure', 'reference'];
const ofHttp = ['_format', '_pretty'];
const codes = Object.keys(REFERENCES) as ReferenceId[];

/** Throws 400 for a parameter, a measure or a reference that is not known here, and names those that are. */
export function growthRequest(query: string, body: unknown): GrowthRequest {
  const asked = body === undefined ? queried(query) : posted(query, body);
  const [reference, second] = asked.reference;
  if (second !== undefined) throw badRequest('"reference" may be given once', 'invalid', ['reference']);
  const measures = asked.measure.map((code) => known('measure', code, MEASURES));
  return {
    measures: measures.length === 0 ? MEASURES : MEASURES.filter((one) => measures.includes(one)),
    reference: reference === undefined ? undefined : known('reference', reference, codes),
  };
}

type Asked = { measure: string[]; reference: string[] };

function queried(query: string): Asked {
  const asked = new URLSearchParams(query);
  for (const name of asked.keys()) {
    if (![...names, ...ofHttp].includes(name))
      throw badRequest(`$growth has no parameter "${name}". Known: ${names.join(', ')}`, 'not-supported', [name]);
  }
  const list = (name: string) => asked.getAll(name).flatMap((value) => value.split(','));
  return { measure: list('measure'), reference: list('reference') };
}

function posted(query: string, body: unknown): Asked {
  const beside = [...new URLSearchParams(query).keys()].find((name) => !ofHttp.includes(name));
  if (beside !== undefined)
    throw badRequest(`"${beside}" belongs into the Parameters of the body`, 'invalid', [beside]);
  const parameters = readParameters(body, names);
  const list = (name: string) =>
    (parameters.get(name) ?? []).map(({ valueCode }) => {
      if (typeof valueCode !== 'string') throw required(name, 'valueCode');
      return valueCode;
    });
  return { measure: list('measure'), reference: list('reference') };
}

function known<Code extends string>(name: string, code: string, all: readonly Code[]): Code {
  const found = all.find((one) => one === code);
  if (found !== undefined) return found;
  throw badRequest(
    `There is no growth ${name} "${code.slice(0, 40)}" here. Known: ${all.join(', ')}`,
    'not-supported',
    [name],
  );
}
