// SearchParameter: a composite has its parts, and what is derived keeps to what it is derived from.
// FHIR R4, https://hl7.org/fhir/R4/searchparameter-definitions.html

import type { JsonObject } from '../../fhir/json.ts';
import { objects } from '../../terminology/code-index.ts';
import type { Place } from '../finding.ts';

export function searchParameter(resource: JsonObject, { path, definitions, report }: Place): void {
  const { type, component, derivedFrom, base, expression, code } = resource;
  if (type === 'composite' && objects(component).length < 2)
    report('error', 'business-rule', path, 'A parameter of type composite needs two or more components');
  if (type !== 'composite' && component !== undefined)
    report('warning', 'business-rule', `${path}.component`, 'Only a parameter of type composite has components');
  if (typeof derivedFrom !== 'string') return;
  const from = definitions.find('SearchParameter', derivedFrom);
  if (from === undefined) {
    report(
      'warning',
      'not-found',
      `${path}.derivedFrom`,
      `${derivedFrom} is not known here: the parameter is not checked by it`,
    );
    return;
  }
  const bases = Array.isArray(from.base) ? from.base : [];
  for (const one of Array.isArray(base) ? base : [])
    if (!bases.includes(one) && !bases.includes('Resource') && !bases.includes('DomainResource'))
      report(
        'error',
        'business-rule',
        path,
        `${one} is no base of ${derivedFrom}, from which the parameter is derived`,
      );
  const differing = [
    ['code', code, from.code],
    ['type', type, from.type],
    ['expression', expression, from.expression],
  ].filter(([, ours, theirs]) => ours !== undefined && theirs !== undefined && ours !== theirs);
  for (const [name] of differing)
    report(
      'warning',
      'business-rule',
      path,
      `The ${name} is not that of ${derivedFrom}, from which the parameter is derived`,
    );
}
