// Coding: that its system names a code system, that the system has its code, and that its words are the code's.
// FHIR R4, https://hl7.org/fhir/R4/datatypes.html#Coding and terminologies.html#system

import { urlOf } from '../../definitions/definitions.ts';
import type { JsonObject } from '../../fhir/json.ts';
import type { Place } from '../finding.ts';
import { isAbsolute } from './absolute.ts';

/**
 * A display may be in a language whose words are not here: that it is none of those that are is a warning. That a code cannot be
 * looked up is a note: most code systems are kept elsewhere (LOINC, SNOMED CT, those of a country or a clinic).
 */
export function coding({ system, version, code, display }: JsonObject, place: Place, path: string): void {
  if (typeof system !== 'string') return;
  const at = `${path}.system`;
  if (!isAbsolute(system)) {
    place.report('error', 'invalid', at, 'The system has to be an absolute uri: http(s)://…, urn:oid:… or urn:uuid:…');
    return;
  }
  const definition = place.definitions.find('CodeSystem', system);
  if (definition === undefined && isValueSet(system, place)) {
    place.report('error', 'invalid', at, `The system has to be a code system: ${system} is a value set`);
    return;
  }
  if (definition?.content === 'supplement' || definition?.supplements !== undefined) {
    place.report('error', 'invalid', at, `${system} is a supplement: the system is the one that it supplements`);
    return;
  }
  if (typeof code !== 'string') return;
  const asked = {
    system,
    code,
    ...(typeof version === 'string' ? { version } : {}),
    ...(typeof display === 'string' ? { display } : {}),
  };
  const { result, cause, message = '' } = place.terminology.inCodeSystem(asked);
  if (result === true) return;
  if (cause === 'wrong-display') place.report('warning', 'invalid', `${path}.display`, message);
  else if (result === false) place.report('error', 'code-invalid', `${path}.code`, message);
  else place.report('information', 'not-found', at, `The code is not checked: ${message}`);
}

/** "Coding.system … is a reference to a code system, not a value set": known as one, or in the place of one on HL7's site. */
export function isValueSet(url: string, { definitions }: Place): boolean {
  if (definitions.find('CodeSystem', url) !== undefined) return false;
  return (
    definitions.find('ValueSet', url) !== undefined ||
    /^https?:\/\/(?:terminology\.)?hl7\.org\/.*\/?ValueSet\/[^/]+$/.test(urlOf(url))
  );
}
