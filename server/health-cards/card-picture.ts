// $health-card-picture: a card as the QR code that a family prints, or shows on a phone. It is made of the card alone: no record is read,
// and nothing is kept. SMART Health Cards 1.4, "Every Health Card can be embedded in a QR code".

import { CANONICAL } from '../fhir/canonical.ts';
import { badRequest, businessRule } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { givenText, readParameters, refuseQuery, required, single } from '../interaction/parameters.ts';
import type { Operation } from '../interaction/request.ts';
import { digitsOf, longestJwsForQr } from './numeric.ts';
import { pngOf, svgOf } from './pictures.ts';
import { numericSymbol } from './qr-symbol.ts';

export const cardPicture: Operation = {
  code: 'health-card-picture',
  definition: `${CANONICAL}/OperationDefinition/health-card-picture`,
  level: 'system',
  methods: ['POST'],
  run: async (fhir, request) => {
    refuseQuery(request, '$health-card-picture');
    const parameters = readParameters(request.body, ['verifiableCredential', 'format']);
    const jws = single(parameters, 'verifiableCredential')?.valueString;
    if (typeof jws !== 'string' || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(jws))
      throw required('verifiableCredential', 'valueString, a card as $health-cards-issue gives it');
    if (jws.length > longestJwsForQr)
      throw businessRule(`A QR code holds a card of at most ${longestJwsForQr} characters; this has ${jws.length}`);
    const format = givenText(parameters, 'format', 'valueCode') ?? 'svg';
    const draw = pictures[format as keyof typeof pictures];
    if (draw === undefined)
      throw badRequest(`"format" takes a valueCode: ${Object.keys(pictures).join(', ')}`, 'not-supported', ['format']);
    await fhir.audit([auditOf(fhir, request, 'health-card-picture', undefined)]);
    return { status: 200, ...draw(numericSymbol('shc:/', digitsOf(jws))) };
  },
};

const pictures = {
  svg: (rows: boolean[][]) => ({ contentType: 'image/svg+xml', body: svgOf(rows) }),
  png: (rows: boolean[][]) => ({ contentType: 'image/png', body: pngOf(rows) }),
};
