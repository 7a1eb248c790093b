// A My Number in every place of a resource, a file in it, or a URL: found wherever it stands and however it is written; what
// only looks like one is not. The numbers are made by the rule of the check digit (ordinance 85 of 2014, article 5).
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { findMyNumber, findMyNumberInQuery } from '../../server/fhir/my-number.ts';
import { hasMyNumberCheckDigit, withoutNumbers } from '../../server/fhir/my-number-text.ts';

/** The rule as the ordinance says it: weights from the right, 2 to 7 and 2 to 6. */
function checked(eleven: string): string {
  const weights = [2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6];
  const sum = weights.reduce((so, weight, n) => so + weight * Number(eleven[10 - n]), 0);
  return eleven + (sum % 11 <= 1 ? 0 : 11 - (sum % 11));
}
const wide = (text: string) => text.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
const grouped = (text: string, by: string) => text.replace(/(\d{4})(?=\d)/g, `$1${by}`);
const base64 = (text: string) => Buffer.from(text).toString('base64');
const coded = (html: string) => `<div xmlns="http://www.w3.org/1999/xhtml">${html}</div>`;

const places: Record<string, (n: string) => unknown> = {
  'identifier.value': (n) => ({ identifier: [{ system: 'urn:x', value: n }] }),
  'identifier.value without a system': (n) => ({ identifier: [{ value: n }] }),
  'identifier.value with hyphens': (n) => ({ identifier: [{ value: grouped(n, '-') }] }),
  'identifier.value with spaces': (n) => ({ identifier: [{ value: grouped(n, ' ') }] }),
  'identifier.value in uneven groups': (n) => ({ identifier: [{ value: `${n.slice(0, 5)} ${n.slice(5)}` }] }),
  'identifier.value in full width': (n) => ({ identifier: [{ value: wide(n) }] }),
  'identifier.value in full width with full-width hyphens': (n) => ({
    identifier: [{ value: wide(grouped(n, '－')) }],
  }),
  'identifier.value behind letters': (n) => ({ identifier: [{ value: `MN${n}` }] }),
  'identifier.system': (n) => ({ identifier: [{ system: `urn:x:${n}`, value: '1' }] }),
  'identifier.type.text': (n) => ({ identifier: [{ type: { text: n }, value: '1' }] }),
  'identifier.assigner.display': (n) => ({ identifier: [{ assigner: { display: n }, value: '1' }] }),
  id: (n) => ({ resourceType: 'Patient', id: n }),
  'name.text': (n) => ({ name: [{ text: `花子 ${n}` }] }),
  'name.family': (n) => ({ name: [{ family: n }] }),
  'name.given': (n) => ({ name: [{ given: ['花子', n] }] }),
  'name.suffix in full width': (n) => ({ name: [{ suffix: [wide(n)] }] }),
  'address.text': (n) => ({ address: [{ text: `東京都${n}` }] }),
  'address.line': (n) => ({ address: [{ line: ['1-2-3', grouped(n, '-')] }] }),
  'address.postalCode': (n) => ({ address: [{ postalCode: n }] }),
  'telecom.value': (n) => ({ telecom: [{ system: 'phone', value: n }] }),
  'telecom.value of e-mail': (n) => ({ telecom: [{ system: 'email', value: `${n}@example.jp` }] }),
  'contact.name.text': (n) => ({ contact: [{ name: { text: n } }] }),
  'note.text': (n) => ({ note: [{ text: `番号は${n}です。` }] }),
  'note.text with ideographic spaces': (n) => ({ note: [{ text: grouped(n, '　') }] }),
  'note.text over lines': (n) => ({ note: [{ text: grouped(n, '\n') }] }),
  'note.text with long dashes': (n) => ({ note: [{ text: grouped(n, '—') }] }),
  'note.text with prolonged sound marks': (n) => ({ note: [{ text: grouped(n, 'ー') }] }),
  'note.text with invisible characters': (n) => ({ note: [{ text: grouped(n, '\u200b') }] }),
  'note.text with spaced hyphens': (n) => ({ note: [{ text: grouped(n, ' - ') }] }),
  'text.div': (n) => ({ text: { div: coded(`<p>${n}</p>`) } }),
  'text.div with one digit set bold': (n) => ({ text: { div: coded(`${n.slice(0, 3)}<b>${n[3]}</b>${n.slice(4)}`) } }),
  'text.div with character references': (n) => ({
    text: { div: coded(n.replace(/\d/g, (d) => `&#${48 + Number(d)};`)) },
  }),
  'text.div with no-break spaces': (n) => ({ text: { div: coded(grouped(n, '&#160;')) } }),
  'text.div in an attribute': (n) => ({ text: { div: coded(`<p title="${n}">x</p>`) } }),
  'extension.valueString': (n) => ({ extension: [{ url: 'urn:x', valueString: n }] }),
  'extension.valueMarkdown': (n) => ({ extension: [{ url: 'urn:x', valueMarkdown: `**${n}**` }] }),
  'extension.valueCode': (n) => ({ extension: [{ url: 'urn:x', valueCode: n }] }),
  'extension.valueUri': (n) => ({ extension: [{ url: 'urn:x', valueUri: `urn:x:${n}` }] }),
  'extension.valueDecimal': (n) => ({ extension: [{ url: 'urn:x', valueDecimal: Number(n) }] }),
  'extension.url': (n) => ({ extension: [{ url: `https://x.example/${n}`, valueBoolean: true }] }),
  'extension of an extension': (n) => ({ extension: [{ url: 'urn:x', extension: [{ url: 'y', valueString: n }] }] }),
  'extension of a primitive': (n) => ({ _birthDate: { extension: [{ url: 'urn:x', valueString: n }] } }),
  modifierExtension: (n) => ({ modifierExtension: [{ url: 'urn:x', valueString: n }] }),
  'contained resource': (n) => ({ contained: [{ resourceType: 'Patient', id: 'p', name: [{ text: n }] }] }),
  'reference.reference': (n) => ({ subject: { reference: `Patient/${n}` } }),
  'reference.reference with a condition': (n) => ({ subject: { reference: `Patient?identifier=urn:x|${n}` } }),
  'reference.reference with an encoded condition': (n) => ({
    subject: { reference: `Patient?identifier=urn%3Ax%7C${n}` },
  }),
  'reference.identifier': (n) => ({ subject: { identifier: { value: n } } }),
  'reference.display': (n) => ({ subject: { display: n } }),
  'meta.tag': (n) => ({ meta: { tag: [{ code: n }] } }),
  'meta.source': (n) => ({ meta: { source: `urn:x:${n}` } }),
  'code.text': (n) => ({ code: { text: n } }),
  'code.coding.code of a system of one’s own': (n) => ({ code: { coding: [{ system: 'urn:x', code: n }] } }),
  valueString: (n) => ({ valueString: n }),
  'valueQuantity.unit': (n) => ({ valueQuantity: { value: 1, unit: n } }),
  'valueQuantity.value': (n) => ({ valueQuantity: { value: Number(n) } }),
  'valueSampledData.data': (n) => ({ valueSampledData: { origin: { value: 0 }, data: `1 2 ${n} 3` } }),
  'answer.valueString': (n) => ({ item: [{ linkId: '1', answer: [{ valueString: n }] }] }),
  'item.text': (n) => ({ item: [{ linkId: '1', text: n }] }),
  lotNumber: (n) => ({ lotNumber: n }),
  'attachment.title': (n) => ({ content: [{ attachment: { title: `${n}.pdf` } }] }),
  'attachment.url': (n) => ({ content: [{ attachment: { url: `https://x.example/?n=${n}` } }] }),
  'attachment.data of text': (n) => ({
    content: [{ attachment: { contentType: 'text/plain', data: base64(`番号 ${n}`) } }],
  }),
  'attachment.data of text that is called a picture': (n) => ({
    attachment: { contentType: 'image/png', data: base64(n) },
  }),
  'attachment.data of HTML': (n) => ({ attachment: { contentType: 'text/html', data: base64(coded(n)) } }),
  'attachment.data of JSON': (n) => ({
    attachment: { contentType: 'application/json', data: base64(`{"a":["${n}"]}`) },
  }),
  'attachment.data in UTF-16': (n) => ({
    attachment: { contentType: 'text/plain', data: Buffer.from(`\ufeff番号${wide(n)}`, 'utf16le').toString('base64') },
  }),
  'Binary.data of CSV': (n) => ({ resourceType: 'Binary', contentType: 'text/csv', data: base64(`a,b\r\n1,${n}\r\n`) }),
  'Binary.data of JAHIS': (n) => ({ contentType: 'text/csv', data: base64(`JAHISTC08,1\r\n1,試験花子,2,,,${n},\r\n`) }),
  'Binary.data of HL7 v2, patient number': (n) => ({ data: base64(`MSH|^~\\&|A|B\rPID|||${n}^^^^PI\r`) }),
  'Binary.data of HL7 v2, observation': (n) => ({ data: base64(`MSH|^~\\&|A|B\rOBX|1|ST|x||本人の番号 ${n}\r`) }),
  'Binary.data of CDA, identifier': (n) => ({
    data: base64(`<ClinicalDocument><id extension="${n}"/></ClinicalDocument>`),
  }),
  'Binary.data of CDA, beside a time': (n) => ({ data: base64(`<a><time value="202609011019"/><b>${n}</b></a>`) }),
  'Binary.data of HL7 v2, comment': (n) => ({ data: base64(`MSH|^~\\&|A|B\rNTE|1||${grouped(n, '-')}\r`) }),
  'name of a member': (n) => ({ [n]: true }),
  'name of a member of an object inside': (n) => ({ a: [{ [`x-${n}`]: 1 }] }),
  'behind a label': (n) => ({ text: `個人番号（${n}）` }),
};

describe('findMyNumber finds it in', () => {
  // 123456789018 is printed on the specimen card of the Digital Agency.
  it.each(Object.entries(places))('%s', (_, at) => {
    expect(findMyNumber(at('123456789018'))).toBeDefined();
    expect(findMyNumber(at('123456789012'))).toBeUndefined();
  });

  it('any of them, whatever the number', () => {
    const eleven = fc.stringMatching(/^[1-9]\d{10}$/);
    const place = fc.constantFrom(...Object.entries(places));
    fc.assert(
      fc.property(eleven, place, fc.integer({ min: 1, max: 9 }), (digits, [, at], off) => {
        const number = checked(digits);
        const wrong = digits + ((Number(number[11]) + off) % 10);
        expect(hasMyNumberCheckDigit(number)).toBe(true);
        expect(hasMyNumberCheckDigit(wrong)).toBe(false);
        expect(findMyNumber(at(number))).toBeDefined();
        expect(findMyNumber(at(wrong))).toBeUndefined();
      }),
      { numRuns: 3000 },
    );
  });
});

describe('findMyNumber leaves alone', () => {
  const n = '123456789018';
  it.each<[string, unknown]>([
    ['a UUID that ends in twelve digits', { id: `0195c0de-1234-7abc-8def-${n}` }],
    ['a UUID with three groups of digits', { id: 'abcdefab-1234-5678-9018-abcdefabcdef' }],
    ['a SHA-256 with twelve digits in a row', { hash: `${'a'.repeat(20)}${n}${'b'.repeat(32)}` }],
    ['an international telephone number', { telecom: [{ value: `+${n}` }] }],
    ['a fraction', { text: `0.${n}`, value: 0.123456789018 }],
    ['an arc of an OID', { system: `urn:oid:1.2.${n}` }],
    ['a longer number', { text: `9${n} ${n}9` }],
    ['a series of figures', { text: 'ECG 2041 2043 2037 2047 2060 1234 5678 9018 2100 2000' }],
    ['SampledData', { origin: {}, data: '1234 5678 9018' }],
    ['a concept of SNOMED CT', { coding: [{ system: 'http://snomed.info/sct', code: n }] }],
    ['a code of a CodeSystem', { resourceType: 'CodeSystem', concept: [{ code: n }] }],
    ['years in the cells of a table', { text: { div: '<td>1234</td><td>5678</td><td>9018</td>' } }],
    [
      'the message number and the times of HL7 v2',
      {
        data: base64(
          `MSH|^~\\&|A|B|||||X^Y|${n}\rORC|NW|${n}\rTQ1|||||||202611230003~202108181126+0215\rPID|||||||198808181126+0215\r`,
        ),
      },
    ],
    [
      'the times of CDA',
      {
        data: base64(
          '<ClinicalDocument><effectiveTime value="202609011019+0900"/><x:time><low value=\'202609011027\'/></x:time></ClinicalDocument>',
        ),
      },
    ],
    [
      'a picture',
      { contentType: 'image/png', data: Buffer.from(`\x89PNG\r\n\x1a\n\0\0\0${n}`, 'latin1').toString('base64') },
    ],
    ['a resource of another server', { reference: `https://other.example/fhir/Claim/${n}` }],
    ['a date and a time', { effectiveDateTime: '2026-11-23T00:00:00.000+09:00' }],
  ])('%s', (_, value) => expect(findMyNumber(value)).toBeUndefined());

  it('a patient number of a system that is named, and nothing else of that identifier', () => {
    const exempt = { systems: new Set(['urn:hospital']) };
    const found = (value: unknown) => findMyNumber(value, exempt);
    expect(found({ identifier: [{ system: 'urn:hospital', value: n }] })).toBeUndefined();
    expect(found({ reference: `Patient?identifier=urn:hospital|${n}` })).toBeUndefined();
    expect(found({ reference: `Patient?identifier=urn%3Ahospital%7C${n}` })).toBeUndefined();
    expect(found({ identifier: [{ system: 'urn:other', value: n }] })).toBe('identifier[0].value');
    expect(found({ identifier: [{ system: 'urn:hospital', value: '1', type: { text: n } }] })).toBeDefined();
    expect(found({ identifier: [{ system: 'urn:hospital', type: { text: '個人番号' }, value: n }] })).toBeDefined();
    expect(found({ name: [{ text: n }] })).toBe('name[0].text');
  });
});

describe('findMyNumberInQuery', () => {
  const n = '123456789018';
  test.each([
    [`name=${n}`, 'name'],
    [`identifier=${n}`, 'identifier'],
    [`identifier=urn:x%7C${n}`, 'identifier'],
    [`identifier=urn:hospital%7C${n}`, undefined],
    [`_id=${grouped(n, '-')}`, '_id'],
    [`address=${encodeURIComponent(wide(n))}`, 'address'],
    [`subject:Patient.identifier=${n}`, 'subject:Patient.identifier'],
    [`_filter=name eq "${n}"`, '_filter'],
    [`${n}=1`, '************'],
    [`code=http://snomed.info/sct%7C${n}`, undefined],
    [`code=${n}`, undefined],
    [`code:text=個人番号 ${n}`, 'code:text'],
    ['birthdate=2026-11-23', undefined],
  ])('%s', (query, name) => {
    expect(findMyNumberInQuery(new URLSearchParams(query), { systems: new Set(['urn:hospital']) })).toBe(name);
  });
});

test('withoutNumbers blanks a My Number and leaves other digits', () => {
  expect(withoutNumbers('a 1234-5678-9018 b 123456789012 c １２３４５６７８９０１８')).toBe(
    'a ****-****-**** b 123456789012 c ************',
  );
});

test('withoutNumbers leaves an id of ours whole, whose digits check by chance', () => {
  const checking = '234567891004';
  const id = `01a205b3-d000-8123-9123-${checking}`;
  expect(withoutNumbers(`Observation/${id} is not known here; ${checking}`)).toBe(
    `Observation/${id} is not known here; ************`,
  );
});
