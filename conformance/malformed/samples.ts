// Good resources and bundles, small ones with many kinds of element: the classes of fault start from these and break them.

export const patient = {
  resourceType: 'Patient',
  id: 'malformed-1',
  meta: { profile: ['http://example.org/p'], tag: [{ system: 'urn:x', code: 'a' }] },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
  extension: [{ url: 'http://example.org/e', valueDecimal: 1.5 }],
  identifier: [{ system: 'urn:ietf:rfc:3986', value: 'urn:uuid:53fefa32-fcbb-4ff8-8a92-55ee120877b7' }],
  active: true,
  name: [{ use: 'official', family: '試験', given: ['花子'], _given: [{ id: 'a' }] }],
  telecom: [{ system: 'phone', value: '03-0000-0000', rank: 1 }],
  gender: 'female',
  birthDate: '2020-02-29',
  _birthDate: { extension: [{ url: 'http://example.org/time', valueDateTime: '2020-02-29T01:02:03+09:00' }] },
  multipleBirthInteger: 2,
  address: [{ city: '東京', period: { start: '2020', end: '2021-01-01T00:00:00Z' } }],
  contact: [{ relationship: [{ text: 'x' }], name: { text: 'y' } }],
  generalPractitioner: [{ reference: 'Practitioner/suite-doctor' }],
  link: [{ other: { reference: 'Patient/suite-patient-0' }, type: 'seealso' }],
};

export const observation = {
  resourceType: 'Observation',
  id: 'malformed-2',
  contained: [{ resourceType: 'Device', id: 'd' }],
  status: 'final',
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] },
  ],
  code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'weight' },
  subject: { reference: 'Patient/suite-patient-1' },
  effectivePeriod: { start: '2024-01-01', end: '2024-01-02' },
  issued: '2024-01-01T00:00:00.000Z',
  performer: [{ reference: 'Practitioner/suite-doctor', display: 'd' }],
  valueQuantity: { value: 9.1, comparator: '<', unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  device: { reference: '#d' },
  referenceRange: [{ low: { value: 1 }, high: { value: 2 } }],
  component: [
    { code: { text: 'c' }, valueSampledData: { origin: { value: 0 }, period: 1, dimensions: 1, data: '1 2' } },
  ],
};

export const parameters = {
  resourceType: 'Parameters',
  parameter: [
    { name: 'resource', resource: patient },
    { name: 'url', valueUri: 'http://example.org/v' },
    { name: 'part', part: [{ name: 'value', valueString: 'x' }] },
  ],
};

export const transaction = {
  resourceType: 'Bundle',
  type: 'transaction',
  entry: [
    {
      fullUrl: 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a',
      resource: { resourceType: 'Patient', name: [{ text: '見本' }] },
      request: { method: 'POST', url: 'Patient', ifNoneExist: 'identifier=urn:x|malformed' },
    },
    {
      resource: {
        ...observation,
        id: 'malformed-3',
        subject: { reference: 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a' },
      },
      request: { method: 'PUT', url: 'Observation/malformed-3' },
    },
    { request: { method: 'DELETE', url: 'Observation/malformed-4' } },
    { request: { method: 'GET', url: 'Patient?_count=1' } },
  ],
};
