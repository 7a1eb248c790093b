// IN1 and ZI1 (the Japanese insurance segment of SS-MIX2, laid out alike) -> Coverage. HL7 v2.5 chapter 6.5.6; JP Core 1.2.0
// JP_Coverage. IN1-3 is the insurer's number, IN1-10 and 11 the symbol and the number of the insured person.

import type { Coverage } from '@medplum/fhirtypes';
import { codeableConcept, type Hl7Context, ownIdentifier, period, take } from './context.ts';
import { type Segment, value } from './message.ts';
import { hl7DateTime } from './time.ts';

const INSURER = 'http://jpfhir.jp/fhir/core/mhlw/IdSystem/InsurerNumber';
const JP_CORE = 'http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPerson';

/** Every IN1 and ZI1 that names a plan or an insurer. */
export function takeCoverages(context: Hl7Context): void {
  for (const segment of context.segments) {
    if (segment.name !== 'IN1' && segment.name !== 'ZI1') continue;
    const found = coverage(context, segment);
    if (found) take(context, found);
    else context.problems.push(`An ${segment.name} segment was not taken: it names neither a plan nor an insurer.`);
  }
}

function coverage(context: Hl7Context, in1: Segment): Coverage | undefined {
  const type = codeableConcept(context, in1, 2);
  const insurer = value(in1, 3);
  const name = value(in1, 4);
  if (!type && !insurer && !name) return undefined;
  const [symbol, number] = [value(in1, 10), value(in1, 11)];
  const isJapanese = in1.name === 'ZI1' || value(in1, 2, 3).toUpperCase().startsWith('JHSD');
  // IN1-36 (policy number) where symbol and number are not used.
  const subscriber = isJapanese ? number : value(in1, 36) || value(in1, 49);
  const relationship = codeableConcept(context, in1, 17);
  const within = period(context, hl7DateTime(value(in1, 12)), hl7DateTime(value(in1, 13)));
  const group = isJapanese ? [] : classes(in1);
  const extension = [
    ...(isJapanese && symbol ? [{ url: `${JP_CORE}Symbol`, valueString: symbol }] : []),
    ...(isJapanese && number ? [{ url: `${JP_CORE}Number`, valueString: number }] : []),
  ];
  return {
    resourceType: 'Coverage',
    ...(extension.length > 0 && { extension }),
    // A changed number of the same plan, insurer and beginning corrects; another beginning is another coverage.
    identifier: [
      ownIdentifier(context, `coverage-${in1.name.toLowerCase()}`, [value(in1, 2), insurer || name, value(in1, 12)]),
    ],
    status: 'active',
    ...(type && { type }),
    ...(subscriber && { subscriberId: subscriber }),
    beneficiary: context.subject,
    ...(relationship && { relationship }),
    ...(within && { period: within }),
    payor: [
      {
        type: 'Organization',
        ...(insurer && { identifier: { ...(isJapanese && { system: INSURER }), value: insurer } }),
        display: name || type?.text || insurer,
      },
    ],
    ...(group.length > 0 && { class: group }),
  };
}

// IN1-8 and 9: group of an American plan.
function classes(in1: Segment): NonNullable<Coverage['class']> {
  const system = 'http://terminology.hl7.org/CodeSystem/coverage-class';
  const [id, name] = [value(in1, 8), value(in1, 9)];
  if (!id) return [];
  return [{ type: { coding: [{ system, code: 'group' }] }, value: id, ...(name && { name }) }];
}
