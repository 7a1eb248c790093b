// A MeasureReport against its Measure: its groups, populations and stratifiers are those that the Measure defines.
// FHIR R4, https://hl7.org/fhir/R4/measurereport-definitions.html#MeasureReport.group.code ("as defined in the measure definition")

import { isObject, type JsonObject } from '../../fhir/json.ts';
import { objects } from '../../terminology/code-index.ts';
import type { Place } from '../finding.ts';
import { containedIn } from './form.ts';

export function measureReport(report: JsonObject, place: Place): void {
  const { measure: canonical } = report;
  if (typeof canonical !== 'string') return;
  const measure = canonical.startsWith('#')
    ? containedIn(place.root, canonical)
    : place.definitions.find('Measure', canonical);
  if (measure === undefined) {
    place.report(
      'warning',
      'not-found',
      `${place.path}.measure`,
      `The Measure ${canonical} is not known here: the report is not checked by it`,
    );
    return;
  }
  for (const { ours, theirs, path } of paired('group', report, measure, isSameGroup, place.path, place)) {
    paired('population', ours, theirs, isSameCode, path, place);
    paired('stratifier', ours, theirs, isSameStratifier, path, place);
  }
}

type Pair = { ours: JsonObject; theirs: JsonObject; path: string };
type IsSame = (ours: JsonObject, theirs: JsonObject, alone: boolean) => boolean;

/** Parts of one kind that are in both; what is in one of the two only is told. */
function paired(
  name: string,
  report: JsonObject,
  measure: JsonObject,
  isSame: IsSame,
  path: string,
  place: Place,
): Pair[] {
  const theirs = objects(measure[name]);
  const ours = objects(report[name]);
  const isAlone = theirs.length === 1 && ours.length === 1;
  const pairs: Pair[] = [];
  const told = new Set<JsonObject>();
  for (const [n, one] of ours.entries()) {
    const at = `${path}.${name}[${n}]`;
    place.spend(theirs.length);
    const other = theirs.find((candidate) => isSame(one, candidate, isAlone));
    if (other) {
      told.add(other);
      pairs.push({ ours: one, theirs: other, path: at });
    } else place.report('error', 'business-rule', at, `The Measure has no ${name} with this code`);
  }
  for (const [n, other] of theirs.entries())
    if (!told.has(other))
      place.report('error', 'business-rule', path, `The report has no ${name} for Measure.${name}[${n}]`);
  return pairs;
}

/** The only group of a Measure may be without a code. */
const isSameGroup: IsSame = (ours, theirs, isAlone) =>
  isSameCode(ours, theirs, isAlone) || (isAlone && theirs.code === undefined);

const isSameCode: IsSame = ({ code }, theirs) => conceptsOf(code).some((one) => conceptsOf(theirs.code).includes(one));

/** By code, or where it has none by the codes of the components that its strata are told by. */
const isSameStratifier: IsSame = (ours, theirs, isAlone) => {
  if (theirs.code !== undefined) return isSameCode(ours, theirs, isAlone);
  const known = objects(theirs.component).flatMap(({ code }) => conceptsOf(code));
  const used = objects(ours.stratum).flatMap(({ component }) => objects(component));
  if (known.length === 0) return isAlone;
  return used.every(({ code }) => conceptsOf(code).some((one) => known.includes(one)));
};

/** Every coding as `system|code`, or the text where there is none. */
function conceptsOf(concept: unknown): string[] {
  if (Array.isArray(concept)) return concept.flatMap(conceptsOf);
  if (!isObject(concept)) return [];
  const codings = objects(concept.coding).map(({ system, code }) => `${system}|${code}`);
  return codings.length > 0 || typeof concept.text !== 'string' ? codings : [concept.text];
}
