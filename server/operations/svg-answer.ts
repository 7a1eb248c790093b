// A picture among FHIR's answers: a Binary, which outside a Bundle is answered as what it holds where that is asked for.
// FHIR R4, https://hl7.org/fhir/R4/binary.html#rest

export type SvgBinary = { resourceType: 'Binary'; contentType: 'image/svg+xml'; data: string };

export function svgBinary(svg: string): SvgBinary {
  return { resourceType: 'Binary', contentType: 'image/svg+xml', data: Buffer.from(svg).toString('base64') };
}

/** Whether `_format` asks for the picture alone. An unescaped `+` is a space. */
export function wantsSvg(query: string): boolean {
  const format = new URLSearchParams(query).get('_format');
  return format === 'image/svg+xml' || format === 'image/svg xml';
}
