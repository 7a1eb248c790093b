// One visit to MyNa Portal for one person: consent (or the linkage that stands for it), retrieval, and every block delivered with
// what it was mapped to. Each block is kept as the portal gave it; a My Number in one is never passed on.

import { textOf } from '../../mappings/myna/form.ts';
import { mapMyna } from '../../mappings/myna/map.ts';
import type { MappedPart } from '../../mappings/myna/subjects.ts';
import { type PatientTarget, targetKey } from '../../mappings/record.ts';
import type { Deliver } from '../deliver.ts';
import { newTally, type Tally } from '../import-original.ts';
import { giveParts } from './give.ts';
import { forgetLinkage, readLinkage, writeLinkage } from './linkage-file.ts';
import type { Authorization, Grant, PortalBlock, PortalClient } from './portal-client.ts';
import { PortalFault } from './portal-fault.ts';
import type { PortalSettings } from './portal-settings.ts';

export type PortalImport = {
  client: PortalClient;
  settings: PortalSettings;
  patient: PatientTarget;
  mother?: PatientTarget;
  deliver: Deliver;
  /** Brings the person to the portal and back: resolves with the one-time code. */
  consent: (authorization: Authorization) => Promise<string>;
  /** Where to remember that the portal may be asked again without the person; undefined to ask every time. */
  linkageFile?: string;
  nowMs: () => number;
  progress?: (line: string) => void;
};

/** Throws PortalFault when the portal gives nothing, DeliveryFailed when the server did not keep a block. */
export async function importPortal(options: PortalImport): Promise<Tally> {
  const grant = await grantOf(options);
  const blocks = await options.client.retrieve(grant);
  const tally = newTally();
  const exportedAt = new Date(options.nowMs()).toISOString();
  for (const block of blocks) {
    const original = Buffer.from(JSON.stringify({ templateId: block.templateId, ...block.data }));
    const one = { name: block.templateId, bytes: original, contentType: 'application/json' };
    await giveParts(options, tally, one, () => partsOf(options, block, exportedAt));
  }
  return tally;
}

// A linkage's token is taken once and the answer brings the next, which is written down before anything else is asked.
async function grantOf(options: PortalImport): Promise<Grant> {
  const { client, settings, patient, linkageFile: file, nowMs } = options;
  const of = { clientId: settings.clientId, subject: targetKey(patient) };
  const remember = async (grant: Grant): Promise<Grant> => {
    if (file && grant.linkage) await writeLinkage(file, { ...of, ...grant.linkage });
    return grant;
  };
  const linkage = file && (await readLinkage(file, of, nowMs()));
  if (file && linkage) {
    try {
      return await remember(await client.renew(linkage.token));
    } catch (error) {
      if (!(error instanceof PortalFault) || error.kind !== 'expired') throw error;
      await forgetLinkage(file);
    }
  }
  const authorization = client.authorization(file !== undefined);
  return remember(await client.exchange(await options.consent(authorization), authorization));
}

/** The portal's blocks are read as phr-import/1: what they truly look like is handed to partners alone, and belongs here. */
function partsOf({ settings, patient, mother }: PortalImport, block: PortalBlock, exportedAt: string): MappedPart[] {
  const kind = settings.templates.get(block.templateId);
  const { format: _, kind: __, ...sections } = block.data;
  const content = { ...sections, exportedAt: textOf(block.data.exportedAt) || exportedAt };
  return mapMyna(Buffer.from(JSON.stringify(content)), { patient, ...(mother && { mother }) }, kind);
}
