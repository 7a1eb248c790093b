// Who is right where our validator and the reference validator differ, by the way the resource was broken and who refuses it.

export const verdicts: Readonly<Record<string, string>> = {
  'a reference to a type that is not allowed: we refuse':
    'We are right: ElementDefinition.type.targetProfile names what a reference may lead to, and the text of the reference names its type. The other validator looks only at what it can fetch.',
  'a relative system: we refuse':
    'We are right: Coding.system has to "establish the system clearly and unambiguously", which a relative uri does not. The other validator says the same, but only where it looks the code up. A write is warned.',
  'a uuid that is none: we refuse':
    'We are right: with the system urn:ietf:rfc:3986 "the value is a full URI", and RFC 4122 gives urn:uuid its form. A write is warned.',
  'a required member is left out: they refuse':
    'We are right: Coding.code is 0..1; a system without a code says nothing, and no rule of R4 forbids it.',
  'a unit that UCUM does not have: they refuse':
    'Both: the code is not of UCUM. They refuse where the element is bound to a value set of units and say nothing elsewhere; we warn everywhere, since 21 official examples of R4 have such units.',
};
