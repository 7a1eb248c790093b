// RAS^O17 and VXU^V04 -> Immunization; other drugs given in a RAS -> MedicationAdministration. In SS-MIX2 a vaccination
// is an injection (OMP-12) whose RXE-2 has class 06 of table JHSI0002. HL7 v2.5 chapter 4.14.7 (RXA).

import type { Immunization, MedicationAdministration } from '@medplum/fhirtypes';
import { CVX, MVX, YJ } from '../code-systems.ts';
import { findVaccine, vaccineConcept } from '../vaccine.ts';
import { medicationAdministration } from './administration.ts';
import {
  codeableConcept,
  concept,
  type Hl7Context,
  institutionReference,
  personReference,
  placeText,
  take,
} from './context.ts';
import { completion, dose, givenIdentifiers, isCorrection, isPrimarySource, remark } from './given.ts';
import { type Segment, value } from './message.ts';
import { type Administration, type OrderGroup, orderGroups } from './order.ts';
import { hl7Date, hl7DateTime } from './time.ts';
import { protocol, toldBeside } from './vaccination-details.ts';

/** RAS^O17: each RXA is a dose given, a vaccination when its order says so. */
export function mapAdministrations(context: Hl7Context): void {
  takeEach(context, (group, given) =>
    isVaccination(context, group, given)
      ? immunization(context, group, given)
      : medicationAdministration(context, group, given),
  );
}

/** VXU^V04, RSP^K11: each RXA is a vaccination; 998 (CVX "no vaccine administered") is not a dose. */
export function mapVaccinationReport(context: Hl7Context): void {
  takeEach(context, (group, given) =>
    value(given.rxa, 5) === '998' ? undefined : immunization(context, group, given),
  );
}

type Given = Immunization | MedicationAdministration;

function takeEach(context: Hl7Context, map: (group: OrderGroup, given: Administration) => Given | undefined): void {
  let found = 0;
  for (const group of orderGroups(context.segments)) {
    for (const given of group.administrations) {
      found += 1;
      const resource = map(group, given);
      if (resource) take(context, resource, isCorrection(group, given.rxa));
    }
  }
  if (found === 0) context.problems.push('The message holds no dose given (RXA).');
}

/**
 * An order of SS-MIX2 tells the class of an injection. Where none is told, the product does: by CVX, by a YJ code of vaccines,
 * toxoids or mixed biologicals (drug classes 631, 632, 636), or by a name that is a vaccine's.
 */
function isVaccination(context: Hl7Context, { rxe }: OrderGroup, { rxa }: Administration): boolean {
  const { coding, text } = concept(context, rxa, 5);
  if (coding.some(({ system }) => system === CVX)) return true;
  if (value(rxe, 2, 3).toUpperCase() === 'JHSI0002') return value(rxe, 2) === '06';
  if (value(rxe, 2)) return value(rxe, 2, 2) === '予防接種';
  const isBiological = coding.some(({ system, code = '' }) => system === YJ && /^63[126]/.test(code));
  return isBiological || findVaccine(coding, text) !== undefined;
}

function immunization(
  context: Hl7Context,
  group: OrderGroup,
  { rxa, rxr, obx, notes }: Administration,
): Immunization | undefined {
  const occurrence = hl7DateTime(value(rxa, 3));
  const sent = concept(context, rxa, 5);
  if (!occurrence || (sent.coding.length === 0 && !sent.text)) {
    context.problems.push(
      `An RXA segment was not taken: RXA-${occurrence ? '5 (product) is empty' : '3 (time given) is no date'}.`,
    );
    return undefined;
  }
  const expiry = hl7Date(value(rxa, 16));
  const primary = isPrimarySource(rxa);
  const recorded = hl7DateTime(value(rxa, 22));
  const [site, route] = [codeableConcept(context, rxr, 2), codeableConcept(context, rxr, 1)];
  const place = value(rxa, 11, 4) || placeText(rxa, 27);
  const note = [...(primary && remark(rxa) ? [remark(rxa)] : []), ...notes].map((text) => ({ text }));
  return {
    resourceType: 'Immunization',
    identifier: givenIdentifiers(context, group, rxa, 'immunization'),
    ...completion(context, group, rxa),
    vaccineCode: vaccineConcept(sent.coding, sent.text),
    patient: context.subject,
    occurrenceDateTime: occurrence,
    ...(recorded && { recorded }),
    primarySource: primary,
    ...(!primary && { reportOrigin: codeableConcept(context, rxa, 9) }),
    ...(place && { location: { display: place } }),
    ...maker(rxa),
    ...(value(rxa, 15) && { lotNumber: value(rxa, 15) }),
    ...(expiry?.length === 10 && { expirationDate: expiry }),
    ...(site && { site }),
    ...(route && { route }),
    ...(dose(rxa) && { doseQuantity: dose(rxa) }),
    ...performers(context, group, rxa, primary),
    ...(note.length > 0 && { note }),
    ...(value(rxa, 20) === 'PA' && { isSubpotent: true }),
    ...toldBeside(context, obx),
    ...protocol(remark(rxa), obx),
  };
}

/** Who gave it (AP) and, of a dose given here, who ordered it (OP) and the institution. HL7 table 0443. */
function performers(
  context: Hl7Context,
  group: OrderGroup,
  rxa: Segment,
  primary: boolean,
): Pick<Immunization, 'performer'> {
  const role = (code: string) => ({ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0443', code }] });
  const all = [
    { function: role('AP'), actor: personReference(rxa, 10) },
    { function: role('AP'), actor: primary ? institutionReference(context) : undefined },
    { function: role('OP'), actor: primary ? personReference(group.orc, 12) : undefined },
  ];
  const performer = all.flatMap(({ actor, ...one }) => (actor ? [{ ...one, actor }] : []));
  return performer.length > 0 ? { performer } : {};
}

/** RXA-17: the name, and the code where it is one of MVX. */
function maker(rxa: Segment): Pick<Immunization, 'manufacturer'> {
  const code = value(rxa, 17, 3).toUpperCase() === 'MVX' ? value(rxa, 17) : '';
  const display = value(rxa, 17, 2) || value(rxa, 17);
  if (!display) return {};
  return { manufacturer: { ...(code && { identifier: { system: MVX, value: code } }), display } };
}
