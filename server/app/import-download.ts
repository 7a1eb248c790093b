// Patient/[id]/$import: a family hands in a file it downloaded, through the portal or an app. It is mapped here as the command line
// maps it, and each file in it goes through $deliver with the rights of the caller; this adds none.

import { partsOf, type Receipt } from '../../connectors/deliver.ts';
import { importMyna } from '../../connectors/myna-portal/import-myna.ts';
import { CANONICAL } from '../fhir/canonical.ts';
import { isObject } from '../fhir/json.ts';
import { mayDeliver, refuseStrangers } from '../intake/may-deliver.ts';
import { type Parameter, readParameters, referenceOf, required, single } from '../interaction/parameters.ts';
import type { Answer, Operation } from '../interaction/request.ts';
import type { Standings } from '../interaction/standing.ts';

/** Mapping takes the time of other callers: a file of a person is far smaller. */
const mostUnpackedBytes = 8 * 1024 * 1024;

/** `deliver` is the operation $deliver. */
export function importDownload({ deliver, standingOf }: Standings & { deliver: Operation }): Operation {
  return {
    code: 'import',
    definition: `${CANONICAL}/OperationDefinition/import`,
    level: 'instance',
    type: 'Patient',
    methods: ['POST'],
    run: async (fhir, request, names) => {
      const { id } = names;
      const parameters = readParameters(request.body, ['file', 'mother']);
      const bytes = bytesOf(single(parameters, 'file')?.resource);
      const mother = referenceOf(parameters, 'mother', 'Patient');
      // Before anything is read of the file, and of both: a part must not be stored beside a refusal of the rest.
      const patients = mother === undefined ? [id] : [id, mother];
      for (const one of patients) mayDeliver(request.access, { id: one });
      await refuseStrangers({ standingOf }, request.access, patients);
      const fates: Parameter[] = [];
      await importMyna({
        bytes,
        patient: { reference: `Patient/${id}` },
        ...(mother !== undefined && { mother: { reference: `Patient/${mother}` } }),
        deliver: async (delivery) => {
          const body = { resourceType: 'Parameters', parameter: [{ name: 'delivery', part: partsOf(delivery) }] };
          const part = partsIn(await deliver.run(fhir, { ...request, body }, names));
          fates.push({ name: 'delivery', part });
          return receiptOf(part);
        },
        unpacking: { mostBytes: mostUnpackedBytes },
      });
      return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter: fates }) };
    },
  };
}

function bytesOf(file: unknown): Buffer {
  if (!isObject(file) || file.resourceType !== 'Binary' || typeof file.data !== 'string')
    throw required('file', 'a Binary with data');
  const bytes = Buffer.from(file.data, 'base64');
  if (bytes.length === 0) throw required('file', 'a Binary that is not empty');
  return bytes;
}

/** What $deliver says of the only one: asked as one of many, every fate is an answer. */
const partsIn = ({ body }: Answer): Parameter[] =>
  (JSON.parse(String(body)) as { parameter: { part: Parameter[] }[] }).parameter[0]?.part ?? [];

function receiptOf(part: readonly Parameter[]): Receipt {
  const text = (name: string, member: string) => String(part.find((one) => one.name === name)?.[member] ?? '');
  const reason = text('reason', 'valueString');
  const fate = text('fate', 'valueCode') as Receipt['fate'];
  return { delivery: text('delivery', 'valueString'), fate, ...(reason && { reason }) };
}
