// SNOMED CT concepts of the diseases that CDSi names as antigens. ImmDS 1.0.0 binds targetDisease to these, extensibly; an
// antigen of another schedule that is not here keeps its own name.
import type { CodeableConcept } from '@medplum/fhirtypes';
import { CANONICAL } from '../fhir/canonical.ts';

/** The disease of an antigen by the name that the schedule gives it. */
export function targetDisease(antigen: string): CodeableConcept {
  const code = SNOMED[antigen];
  const own = { system: `${CANONICAL}/CodeSystem/cdsi-antigen`, code: antigen.replace(/\s+/g, '-') };
  return {
    coding: code === undefined ? [own] : [{ system: 'http://snomed.info/sct', code }, own],
    text: antigen,
  };
}

const SNOMED: Readonly<Record<string, string>> = {
  Chikungunya: '111864006',
  Cholera: '63650001',
  'COVID-19': '840539006',
  Dengue: '38362002',
  Diphtheria: '397430003',
  Ebola: '37109004',
  HepA: '40468003',
  HepB: '66071002',
  Hib: '709410003',
  HPV: '240532009',
  Influenza: '6142004',
  'Japanese Encephalitis': '52947006',
  Measles: '14189004',
  Meningococcal: '23511006',
  Mumps: '36989005',
  Pertussis: '27836007',
  Pneumococcal: '16814004',
  Polio: '398102009',
  Rabies: '14168008',
  Rotavirus: '18624000',
  RSV: '55735004',
  Rubella: '36653000',
  TBE: '712986001',
  Tetanus: '76902006',
  Typhoid: '4834000',
  Varicella: '38907003',
  'Yellow Fever': '16541001',
  Zoster: '4740000',
};
