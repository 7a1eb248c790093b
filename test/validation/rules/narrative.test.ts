// Narrative and Attachment, FHIR R4: https://hl7.org/fhir/R4/narrative.html#xhtml and datatypes.html#Attachment
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { JsonObject } from '../../../server/fhir/json.ts';
import { found } from './found.ts';

const patient = (div: string, members: JsonObject = {}): JsonObject => ({
  resourceType: 'Patient',
  text: { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${div}</div>` },
  ...members,
});

test.each<[string, JsonObject, string[]]>([
  ['has some content', patient('試験 花子'), []],
  ['may be an image', patient('<img src="#photo" alt="a"/>'), []],
  ['is not blank (txt-2)', patient(' <!-- a --> <p>\n</p>'), ['error invariant Patient.text.div']],
  ['links to an id of its own', patient('<a href="#a">1</a> <p id="a">2</p>'), []],
  ['links to an anchor', patient('<a href="#a">1</a> <a name="a">2</a>'), []],
  ['links to an element', patient('<a href="#n">1</a>', { name: [{ id: 'n', text: '試験 花子' }] }), []],
  [
    'links to what it contains',
    patient('<a href="#o">1</a>', {
      contained: [{ resourceType: 'Organization', id: 'o' }],
      managingOrganization: { reference: '#o' },
    }),
    [],
  ],
  ['links to nothing', patient('<a href="#b">1</a> <p id="a">2</p>'), ['warning invalid Patient.text.div']],
  [
    'says that it is XHTML',
    { resourceType: 'Patient', text: { status: 'generated', div: '<div>試験</div>' } },
    ['error invalid Patient.text.div'],
  ],
])('a narrative %s', (_name, resource, expected) => {
  expect(found(resource)).toEqual(expected);
});

test.each<[string, JsonObject, string[]]>([
  ['no size', { data: 'YWJj' }, []],
  ['its size', { data: 'YWJj', size: 3 }, []],
  ['another size', { data: 'YWJj', size: 4 }, ['error structure Patient.photo[0]']],
  ['its hash', { data: 'YWJj', hash: createHash('sha1').update('abc').digest('base64') }, []],
  ['another hash', { data: 'YWJj', hash: 'YWJj' }, ['error value Patient.photo[0]']],
  ['a size of what is elsewhere', { url: 'https://a.example/photo.png', size: 4 }, []],
])('an attachment may have %s: %o', (_name, photo, expected) => {
  expect(found({ resourceType: 'Patient', photo: [photo] })).toEqual(expected);
});
