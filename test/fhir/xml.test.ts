// FHIR XML both ways: an official example of every resource type keeps its meaning, and what is no FHIR XML is refused with
// its place. All examples are in conformance/xml.ts.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { resourceTypes } from '../../server/fhir/definitions.ts';
import { type JsonObject, parseJson } from '../../server/fhir/json.ts';
import { OperationOutcomeError } from '../../server/fhir/outcome.ts';
import { parseXml } from '../../server/fhir/xml-read.ts';
import { elementXml, xmlOf } from '../../server/fhir/xml-write.ts';

const examples = dirname(createRequire(import.meta.url).resolve('hl7.fhir.r4.examples/package.json'));
const files = readdirSync(examples);
const xmlns = 'xmlns="http://hl7.org/fhir"';
const xhtml = 'xmlns="http://www.w3.org/1999/xhtml"';
const patient = (inside: string) => `<Patient ${xmlns}>${inside}</Patient>`;
const narrative = (div: string) => patient(`<text><status value="generated"/>${div}</text>`);

function refusal(xml: string): { status: number; text: string } {
  try {
    parseXml(xml);
  } catch (error) {
    if (error instanceof OperationOutcomeError) return { status: error.status, text: error.message };
    throw error;
  }
  throw new Error('it was read');
}

describe('official examples', () => {
  // R4 publishes no example of five types that describe substances, nor of Parameters alone.
  const typesWithExamples = [...resourceTypes].filter((type) => files.some((file) => file.startsWith(`${type}-`)));

  test('there is one of nearly every type', () => expect(typesWithExamples.length).toBeGreaterThan(135));

  test.each(typesWithExamples)('%s comes back from XML as it was, to the text of its numbers', (type) => {
    for (const file of files.filter((name) => name.startsWith(`${type}-`)).slice(0, 3)) {
      const resource = parseJson(readFileSync(join(examples, file), 'utf8')) as JsonObject;
      expect(parseXml(xmlOf(resource))).toEqual(resource);
    }
  });
});

describe('both ways', () => {
  test.each<[string, string, JsonObject]>([
    ['numbers with their text', '<Observation><valueQuantity><value value="1.50"/></valueQuantity></Observation>', {}],
    ['an exponent', '<Observation><valueQuantity><value value="1e3"/></valueQuantity></Observation>', {}],
    ['true and false', '<Patient><active value="false"/></Patient>', { active: false }],
    [
      'ids and extensions of primitives in an array, padded with null',
      '<Patient><name><given value="花"/><given id="x"/><given value="子"><extension url="u"><valueCode value="a"/></extension></given></name></Patient>',
      {
        name: [
          {
            given: ['花', null, '子'],
            _given: [null, { id: 'x' }, { extension: [{ url: 'u', valueCode: 'a' }] }],
          },
        ],
      },
    ],
    [
      'a primitive that is only an extension',
      '<Patient><birthDate><extension url="u"><valueCode value="unknown"/></extension></birthDate></Patient>',
      { _birthDate: { extension: [{ url: 'u', valueCode: 'unknown' }] } },
    ],
    [
      'contained resources',
      '<Patient><contained><Organization><id value="o"/></Organization></contained><contained><Binary><id value="b"/></Binary></contained></Patient>',
      {
        contained: [
          { resourceType: 'Organization', id: 'o' },
          { resourceType: 'Binary', id: 'b' },
        ],
      },
    ],
    [
      'lines, tabs, quotes and characters outside the basic plane in text',
      '<Patient><name><text value="&quot;𠮷&#10;&#9;&amp;&lt;&quot;"/></name></Patient>',
      { name: [{ text: '"𠮷\n\t&<"' }] },
    ],
  ])('%s', (_, xml, members) => {
    const read = parseXml(xml.replace(/^<(\w+)/, `<$1 ${xmlns}`));
    if (Object.keys(members).length > 0) expect(read).toMatchObject(members);
    expect(xmlOf(read)).toBe(xml.replace(/^<(\w+)/, `<$1 ${xmlns}`));
  });

  test('a div keeps every letter, after text outside the basic plane too', () => {
    const div = `<div ${xhtml}>\n <p class='a'>𠮷 &#160;&amp; <br/><!-- kept --></p></div>`;
    const xml = narrative(div).replace('<text>', '<text id="𠮷">');
    expect((parseXml(xml).text as JsonObject).div).toBe(div);
    expect(xmlOf(parseXml(xml))).toBe(xml);
  });

  test('elements stand in the order of the definition, whatever the order in JSON', () => {
    const resource = { name: [{ given: ['花子'], family: '試験' }], id: 'a', resourceType: 'Patient' };
    expect(xmlOf(resource)).toBe(patient('<id value="a"/><name><family value="試験"/><given value="花子"/></name>'));
  });

  test('one entry of a Bundle can be written alone', () => {
    expect(elementXml('Bundle', 'entry', { resource: { resourceType: 'Patient', id: 'a' }, fullUrl: 'u' }, '')).toBe(
      '<entry><fullUrl value="u"/><resource><Patient><id value="a"/></Patient></resource></entry>',
    );
  });
});

describe('reading ignores', () => {
  test.each([
    [
      'comments and processing instructions',
      `<?xml version="1.0"?><?a b?><!-- c -->${patient('<!-- d --><id value="a"/>')}`,
    ],
    ['a byte order mark', `\uFEFF${patient('<id value="a"/>')}`],
    ['prefixes', '<f:Patient xmlns:f="http://hl7.org/fhir"><f:id value="a"/></f:Patient>'],
    [
      'the place of the schema',
      `<Patient ${xmlns} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b"><id value="a"/></Patient>`,
    ],
  ])('%s', (_, xml) => {
    expect(parseXml(xml)).toEqual({ resourceType: 'Patient', id: 'a' });
  });
});

describe('reading refuses', () => {
  const bomb = `<!DOCTYPE a [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]>${patient('<id value="&b;"/>')}`;
  const file = `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>${patient('<id value="&x;"/>')}`;
  test.each<[string, string, number, string]>([
    ['no XML', 'hello', 400, 'The body is not well-formed XML: fault at line 1'],
    ['nothing', '', 400, 'The body is not well-formed XML'],
    ['an element that is left open', patient('<name>'), 400, 'not well-formed XML: fault at line 1 column'],
    ['a DOCTYPE with entities inside entities', bomb, 400, 'has a DOCTYPE'],
    ['a DOCTYPE that names a file', file, 400, 'has a DOCTYPE'],
    ['an entity that XML does not have', patient('<id value="&nbsp;"/>'), 400, 'not well-formed'],
    ['a character that is none', patient('<id value="&#0;"/>'), 400, 'not well-formed'],
    ['another encoding', `<?xml version="1.0" encoding="Shift_JIS"?>${patient('')}`, 400, 'must name UTF-8'],
    ['a depth beyond sense', patient('<extension>'.repeat(300)), 422, 'nested more than 200'],
    ['no namespace', '<Patient/>', 422, 'The body must be a resource in the namespace http://hl7.org/fhir'],
    ['another type', `<Person2 ${xmlns}/>`, 422, 'must be a resource type of FHIR R4'],
    [
      'an unknown element',
      patient('<name><nick value="a"/></name>'),
      422,
      'Patient.name[0].nick is not an element of HumanName',
    ],
    ['an inherited name', patient('<constructor value="a"/>'), 422, 'Patient.constructor is not an element of Patient'],
    ['half of a primitive', patient('<_active value="a"/>'), 422, 'Patient._active is not an element'],
    [
      'an element of another namespace',
      patient('<id xmlns="urn:x" value="a"/>'),
      422,
      'Patient holds an element outside',
    ],
    [
      'an unknown attribute',
      patient('<active value="true" lang="ja"/>'),
      422,
      'Patient.active must not have the attribute lang',
    ],
    [
      'a value on what has none',
      patient('<name value="a"/>'),
      422,
      'Patient.name[0] must not have the attribute value',
    ],
    ['an id as an element', patient('<name><id value="a"/></name>'), 422, 'Patient.name[0].id has to be an attribute'],
    ['text between elements', patient('<name>花子</name>'), 422, 'Patient.name[0] must not have text'],
    ['text in CDATA', patient('<![CDATA[a]]>'), 422, 'Patient must not have text'],
    [
      'two where one may be',
      patient('<active value="true"/><active value="true"/>'),
      422,
      'Patient.active may be there only once',
    ],
    [
      'a word for a number',
      patient('<multipleBirthInteger value="two"/>'),
      422,
      'Patient.multipleBirth must be a number',
    ],
    ['a number with a plus', patient('<multipleBirthInteger value="+2"/>'), 422, 'must be a number'],
    ['a number beyond all bounds', patient('<multipleBirthInteger value="Infinity"/>'), 422, 'must be a number'],
    ['yes for true', patient('<active value="yes"/>'), 422, 'Patient.active must be true or false'],
    [
      'a primitive without anything',
      patient('<active/>'),
      422,
      'Patient.active must have a value, an id or an extension',
    ],
    ['an empty contained', patient('<contained/>'), 422, 'Patient.contained[0] must hold a resource'],
    [
      'two resources in one contained',
      patient('<contained><Patient/><Patient/></contained>'),
      422,
      'Patient.contained[0] must hold one resource only',
    ],
    [
      'a div of another namespace',
      narrative('<div>a</div>'),
      422,
      'Patient.text holds an element outside the namespace',
    ],
    [
      'a div with a prefix',
      narrative('<h:div xmlns:h="http://www.w3.org/1999/xhtml">a</h:div>'),
      422,
      'Patient.text.div must be a div with xmlns=',
    ],
    [
      'FHIR inside a div',
      narrative(`<div ${xhtml}><id ${xmlns} value="a"/></div>`),
      422,
      'Patient.text.div must be a div',
    ],
  ])('%s', (_, xml, status, text) => {
    const found = refusal(xml);
    expect(found.text).toContain(text);
    expect(found.status).toBe(status);
  });

  test('does not quote what was sent', () => {
    const secret = 'himitsu';
    for (const xml of [`<Patient ${xmlns}><${secret}`, patient(`<active value="${secret}"/>`), patient(secret)])
      expect(refusal(xml).text).not.toContain(secret);
  });
});

describe('writing a div that no XML can hold', () => {
  const written = (div: string) => xmlOf({ resourceType: 'Patient', text: { status: 'generated', div } });
  test.each([
    ['an element that is left open', '<div><p>a</div>', '&lt;div&gt;&lt;p&gt;a&lt;/div&gt;'],
    ['an end before its time', `<div ${xhtml}>a</div></text><active value="true"/><text><div>b</div>`, '&lt;/text&gt;'],
    ['an entity of HTML', `<div ${xhtml}>&copy;</div>`, '&amp;copy;'],
    ['another namespace', '<div xmlns="http://hl7.org/fhir">a</div>', '&lt;div'],
    ['a DOCTYPE', `<!DOCTYPE div><div ${xhtml}>a</div>`, '&lt;!DOCTYPE'],
  ])('shows its source: %s', (_, div, shown) => {
    const xml = written(div);
    expect(xml).toContain(shown);
    expect(parseXml(xml)).toMatchObject({ resourceType: 'Patient', text: { status: 'generated' } });
    expect(parseXml(xml).active).toBeUndefined();
  });

  test('adds the namespace that JSON left out, and writes &nbsp; as a number', () => {
    expect(written('<div>a&nbsp;b</div>')).toBe(narrative(`<div ${xhtml}>a&#160;b</div>`));
  });

  test('replaces characters that XML does not have', () => {
    expect(xmlOf({ resourceType: 'Patient', id: 'a\u0001\ud800' })).toBe(patient('<id value="a\ufffd\ufffd"/>'));
  });
});
