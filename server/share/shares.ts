// Patient/[id]/$shares: the links to a record, each with who opened it and when; Patient/[id]/$revoke-share: the end of one. Whoever
// may not read what a link holds does not learn that there is one.

import { CANONICAL } from '../fhir/canonical.ts';
import { forbidden, notFound } from '../fhir/outcome.ts';
import { auditOf } from '../interaction/audited.ts';
import { type Parameter, readParameters, refuseQuery, required, single } from '../interaction/parameters.ts';
import type { Operation } from '../interaction/request.ts';
import { patientFor } from '../interaction/standing.ts';
import { keyOf } from '../search/keys.ts';
import type { ListedShare } from '../store/listed-shares.ts';
import { mayShare } from './share.ts';
import type { ShareOptions } from './share-options.ts';
import { underAudit } from './under-audit.ts';

export function shares(options: ShareOptions): Operation {
  return {
    code: 'shares',
    definition: `${CANONICAL}/OperationDefinition/shares`,
    level: 'instance',
    type: 'Patient',
    methods: ['GET', 'POST'],
    run: async (fhir, request, { id }) => {
      refuseQuery(request, '$shares');
      const { standing } = await patientFor(fhir, options, request, id);
      if (!mayShare(standing)) throw forbidden('The guardians and the patient see the links to a record');
      if (request.body !== undefined) readParameters(request.body, []);
      const listed = await options.store.list(id, fhir.nowMs(), request.access.caller);
      const key = keyOf('Patient', id);
      await fhir.audit([auditOf(fhir, request, 'shares', 'Patient', { key, owner: key })]);
      const parameter = listed.map((one) => ({ name: 'share', part: partsOf(one) }));
      return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
    },
  };
}

export function revokeShare(options: ShareOptions): Operation {
  return {
    code: 'revoke-share',
    definition: `${CANONICAL}/OperationDefinition/revoke-share`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, { id }) => {
      refuseQuery(request, '$revoke-share');
      const { standing } = await patientFor(fhir, options, request, id);
      if (!mayShare(standing)) throw forbidden('The guardians and the patient end the links to a record');
      const share = single(readParameters(request.body, ['id']), 'id')?.valueString;
      if (typeof share !== 'string') throw required('id', 'valueString, as $share and $shares tell it');
      const listed = await options.store.list(id, fhir.nowMs(), request.access.caller);
      const found = listed.find((one) => one.id === share);
      if (!found) throw notFound('A link to this record with this id');
      const now = new Date(fhir.nowMs()).toISOString();
      await underAudit(fhir, request, { name: 'revoke-share', patient: id }, (client) =>
        options.store.end(client, share, now),
      );
      const ended: ListedShare =
        found.ended === undefined && found.state !== 'expired' ? { ...found, state: 'revoked', ended: now } : found;
      const parameter = [{ name: 'share', part: partsOf(ended) }];
      return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
    },
  };
}

function partsOf(share: ListedShare): Parameter[] {
  const { types, label, sharer, ended, renewed, openings, flags } = share;
  return [
    { name: 'id', valueString: share.id },
    { name: 'state', valueCode: share.state },
    { name: 'what', valueCode: share.what },
    ...(types ?? []).map((type) => ({ name: 'type', valueCode: type })),
    ...(label === undefined ? [] : [{ name: 'label', valueString: label }]),
    ...(flags === '' ? [] : [{ name: 'flag', valueString: flags }]),
    ...(sharer === undefined ? [] : [{ name: 'sharer', valueReference: { reference: sharer } }]),
    { name: 'client', valueString: share.client },
    { name: 'created', valueInstant: share.created },
    ...(renewed === undefined ? [] : [{ name: 'renewed', valueInstant: renewed }]),
    { name: 'expires', valueInstant: share.expires },
    ...(ended === undefined ? [] : [{ name: 'ended', valueInstant: ended }]),
    ...(flags.includes('P') ? [{ name: 'triesLeft', valueInteger: share.triesLeft }] : []),
    ...openings.map(({ at, recipient, refused }) => ({
      name: 'opening',
      part: [
        { name: 'at', valueInstant: at },
        { name: 'recipient', valueString: recipient },
        { name: 'refused', valueBoolean: refused },
      ],
    })),
  ];
}
