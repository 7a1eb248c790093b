// Scope text. SMART App Launch 2.2, "Scopes for requesting clinical data"
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { queryText } from '../../server/access/granular-query.ts';
import { type ParsedScope, parseScope, parseScopes } from '../../server/access/scopes.ts';

const word = (parsed: ParsedScope): string => {
  if (parsed.kind === 'refused') return parsed.reason;
  if (parsed.kind === 'identity') return `identity ${parsed.word}`;
  if (parsed.kind === 'launch') return ['launch', parsed.type, parsed.role].filter(Boolean).join(' ');
  const { context, type, interactions, query } = parsed.grant;
  return [context, type, [...interactions].join(), ...(query ?? []).map(([name, value]) => `${name}=${value}`)].join(
    ' ',
  );
};
const vitalSigns = 'http://terminology.hl7.org/CodeSystem/observation-category|vital-signs';

describe('parseScope', () => {
  test.each([
    ['system/*.cruds', 'system * create,read,update,delete,search'],
    ['user/Observation.rs', 'user Observation read,search'],
    ['patient/Observation.rs', 'patient Observation read,search'],
    ['system/Patient.c', 'system Patient create'],
    ['patient/*.read', 'patient * read,search'],
    ['patient/Patient.write', 'patient Patient create,update,delete'],
    ['system/*.*', 'system * create,read,update,delete,search'],
    [`patient/Observation.rs?category=${vitalSigns}`, `patient Observation read,search category=${vitalSigns}`],
    ['user/Observation.r?code=a,b&category=c', 'user Observation read code=a,b category=c'],
    ['user/Observation.s?code=a&code=b', 'user Observation search code=a code=b'],
    ['user/Condition.s?code=a%7Cb%26c+d', 'user Condition search code=a|b&c d'],
    ['system/Patient.rs?_security=urn:s|N', 'system Patient read,search _security=urn:s|N'],
    ['system/Patient.rs?_tag=urn:s|', 'system Patient read,search _tag=urn:s|'],
    ['user/Observation.rs?patient=Patient/2', 'user Observation read,search patient=Patient/2'],
    ['user/Observation.rs?encounter=2', 'user Observation read,search encounter=2'],
    ['launch', 'launch'],
    ['launch/patient', 'launch Patient'],
    ['launch/encounter', 'launch Encounter'],
    ['launch/imagingstudy', 'launch ImagingStudy'],
    ['launch/relatedperson?role=https://a.test/b%20c', 'launch RelatedPerson https://a.test/b c'],
    ...['openid', 'fhirUser', 'profile', 'offline_access', 'online_access'].map((one) => [one, `identity ${one}`]),
  ])('%s', (scope, expected) => {
    expect(word(parseScope(scope as string))).toBe(expected);
  });

  test.each([
    ['Patient.rs', 'form'],
    ['patient/Patienten.rs', 'no resource type'],
    ['system/__proto__.rs', 'form'],
    ['patient/Patient.sr', 'in this order'],
    ['patient/Patient.rr', 'in this order'],
    ['patient/Patient.', 'form'],
    ['patient/Patient', 'form'],
    ['Patient/Patient.r', 'form'],
    ['system/*.cruds,patient/*.rs', 'form'],
    ['patient/Observation.read?category=a', 'version 1'],
    ['patient/*.rs?category=a', 'name the type'],
    ['patient/Observation.rs?', 'parameter=value'],
    ['patient/Observation.rs?category=', 'parameter=value'],
    ['patient/Observation.rs?category=a&', 'parameter=value'],
    ['patient/Observation.rs?category=a,', 'not a code'],
    ['patient/Observation.rs?category=|', 'not a code'],
    ['patient/Observation.rs?category=a|b|c', 'not a code'],
    ['patient/Observation.rs?category=%0d%0aX', 'percent sign'],
    ['patient/Observation.rs?category=%zz', 'percent sign'],
    ['patient/Observation.rs?category=a%5C,b', 'escape'],
    ['patient/Observation.rs?category:not=a', 'experimental'],
    ['patient/Observation.rs?code:in=http://x', 'experimental'],
    ['patient/Observation.rs?subject.identifier=x', 'experimental'],
    ['patient/Observation.rs?_filter=x', 'experimental'],
    ['patient/Patient.rs?_has:Observation:patient:code=x', 'experimental'],
    ['patient/Observation.rs?date=2026', 'Known here: _security, _tag, based-on, category'],
    ['patient/Observation.rs?value-quantity=1', 'cannot narrow'],
    ['patient/Observation.rs?_id=1', 'cannot narrow'],
    ['patient/Observation.rs?_profile=http://a.test/b', 'cannot narrow'],
    ['patient/Observation.rs?nonsense=1', 'cannot narrow'],
    ['patient/Observation.rs?patient=Practitioner/2', 'reference to'],
    ['patient/AuditEvent.rs?entity=2', 'Type/id'],
    [`patient/Observation.rs?code=${Array.from({ length: 51 }, () => 'a').join()}`, 'more than 50 values'],
    [`patient/Observation.rs?${Array.from({ length: 11 }, () => 'code=a').join('&')}`, 'more than 10 parameters'],
    [`patient/Observation.rs?code=${'a'.repeat(1000)}`, '1000 characters'],
    ['patient/Observation.rs?code="a"', 'character'],
    ['patient/Observation.rs?code=予防', 'character'],
    ['launch/', 'small letters'],
    ['launch/Patient', 'small letters'],
    ['launch/nonsense', 'small letters'],
    ['launch/patient?role=', 'small letters'],
    ['launch?role=a', 'small letters'],
    ['launch/patient?role=%00', 'small letters'],
    ['OpenID', 'form'],
    ['*', 'form'],
  ])('%s is refused in a sentence', (scope, why) => {
    const parsed = parseScope(scope);
    expect(parsed).toMatchObject({ kind: 'refused', word: scope });
    expect(word(parsed)).toContain(why);
  });
});

describe('queryText', () => {
  test('is read again as the same parameters, whatever characters they have', () => {
    const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 3 }), (values) => {
        const query = values.map((one) => ['code', one] as const);
        const parsed = parseScope(`patient/Observation.r?${queryText(query)}`);
        // A text that is no token is refused for that and for nothing else.
        if (parsed.kind === 'refused') expect(parsed.reason).toMatch(/not a code|escape|percent sign/);
        else expect(parsed).toMatchObject({ grant: { query } });
        return parsed.kind === 'grant' || values.some((one) => /[|,\\\p{Cc}]|^\s+$/u.test(one));
      }),
    );
  });
});

describe('parseScopes', () => {
  test('gives the grants in their order and passes over launch and identity scopes', () => {
    const grants = parseScopes('  openid launch/patient patient/Patient.r   system/Observation.s offline_access ');
    expect(grants.map(({ context, type }) => `${context} ${type}`)).toEqual(['patient Patient', 'system Observation']);
    expect(parseScopes('')).toEqual([]);
  });

  test('throws for the first word that is refused, and names it', () => {
    expect(() => parseScopes('patient/Patient.r patient/Patient.sr user/X.r')).toThrow('patient/Patient.sr');
  });
});
