// A section of a CDA document -> the statements in its entries, each by its template, else by its kind and the code of the section.
// C-CDA 2.1, chapter 3 (entry templates). Sections of text alone stay in the document.

import { childElements, element, elements, type XmlElement } from '../xml.ts';
import { allergies } from './allergy.ts';
import { conditions } from './condition.ts';
import { type CcdaContext, type Found, leave, templatesOf } from './context.ts';
import { codeOf } from './datatypes.ts';
import { immunization } from './immunization.ts';
import { medication } from './medication.ts';
import { observation, organizer, sectionCategories } from './observation.ts';
import { encounter, procedure } from './procedure.ts';
import { lookUp } from './systems.ts';

/** Everything of the entries that a record can hold; the rest is counted as left. */
export function statements(context: CcdaContext, section: XmlElement): Found[] {
  if (isOfSomebodyElse(section)) {
    leave(context, 'section about somebody else');
    return [];
  }
  const code = codeOf(element(section, 'code'));
  return elements(section, 'entry').flatMap((entry) =>
    childElements(entry).flatMap((statement) => {
      if (!isStatement(statement)) return [];
      if (isOfSomebodyElse(statement)) {
        leave(context, 'statement about somebody else');
        return [];
      }
      return statementOf(context, statement, code);
    }),
  );
}

const TEMPLATE = '2.16.840.1.113883.10.20.22.4.';

function statementOf(context: CcdaContext, statement: XmlElement, section: string): Found[] {
  const templates = templatesOf(statement);
  const follows = (...numbers: number[]) => numbers.some((number) => templates.has(`${TEMPLATE}${number}`));
  const category = lookUp(sectionCategories, section);
  switch (statement.name) {
    case 'substanceAdministration':
      return follows(52) || (section === '11369-6' && !follows(16))
        ? list(immunization(context, statement))
        : list(medication(context, statement));
    case 'act':
      if (follows(30) || section === '48765-2') return allergies(context, statement);
      if (follows(3) || section === '11450-4') return conditions(context, statement, 'problem-list-item');
      if (follows(12)) return list(procedure(context, statement));
      break;
    case 'observation':
      if (follows(7) || section === '48765-2') return allergies(context, statement);
      if (follows(4) || section === '11450-4') return conditions(context, statement, 'problem-list-item');
      if (follows(13)) return list(procedure(context, statement));
      if (follows(2, 27, 38, 78, 85) || category !== undefined) return list(observation(context, statement, category));
      break;
    case 'organizer':
      if (follows(1, 26) || category !== undefined) return organizer(context, statement, category);
      break;
    case 'procedure':
      return list(procedure(context, statement));
    case 'encounter':
      return encounter(context, statement);
  }
  leave(context, `${statement.name} of a section that is not mapped`);
  return [];
}

const list = (found: Found | undefined): Found[] => (found ? [found] : []);

const kinds = new Set([
  'act',
  'encounter',
  'observation',
  'observationMedia',
  'organizer',
  'procedure',
  'regionOfInterest',
  'substanceAdministration',
  'supply',
]);
/** An act, observation or the like, which says something by itself. */
export const isStatement = ({ name }: XmlElement): boolean => kinds.has(name);

/** A relative, a newborn or a specimen, whom a `subject` names. */
const isOfSomebodyElse = (of: XmlElement): boolean => element(of, 'subject', 'relatedSubject') !== undefined;
