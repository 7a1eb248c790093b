// A storage with its ledger, which stands beside the data of this deployment unless a file is named, and never in the storage.

import { join, relative, resolve, sep } from 'node:path';
import { digest } from '../../mappings/record.ts';
import { type Ledger, LedgerFault, openLedger } from './ledger.ts';
import { storageRoot } from './walk.ts';

export type OpenedStorage = { root: string; ledger: Ledger; ledgerFile: string };

/** Throws LedgerFault when the folder cannot be read, or the ledger would stand inside it. */
export async function openStorage(asked: {
  path: string;
  fhirBase: string;
  institution: string | undefined;
  /** A file; without one it is made in `dataDir`. */
  ledger: string | undefined;
  dataDir: string;
}): Promise<OpenedStorage> {
  const root = await storageRoot(asked.path).catch(() => {
    throw new LedgerFault(`${asked.path}: is no folder that can be read`);
  });
  const of = `${root} -> ${asked.fhirBase} ${asked.institution ?? ''}`;
  const ownName = `ssmix2-${digest([of]).slice(0, 16)}.sqlite`;
  const ledgerFile = resolve(asked.ledger ?? join(asked.dataDir, 'connectors', ownName));
  const inside = relative(root, ledgerFile);
  if (inside !== '..' && !inside.startsWith(`..${sep}`) && resolve(inside) !== inside)
    throw new LedgerFault('the ledger cannot stand inside the storage: nothing is written there');
  return { root, ledger: openLedger(ledgerFile, of), ledgerFile };
}
