// One file or message from a person's hand to the server: mapped, delivered, counted. What cannot be read is delivered as
// the original alone, so that nothing a family hands in is lost.

import type { MappedRecord, PatientTarget } from '../mappings/record.ts';
import { type Deliver, mappedDelivery, type Receipt } from './deliver.ts';

export type Tally = { stored: number; waiting: number; refused: number };

export type ImportOptions = {
  bytes: Uint8Array;
  deliver: Deliver;
  /** One line for each thing delivered: its fate and, where there is one, the reason. */
  progress?: (line: string) => void;
};

/** Nothing counted yet. */
export const newTally = (): Tally => ({ stored: 0, waiting: 0, refused: 0 });

/**
 * Maps and delivers one original. Passes DeliveryFailed on, because then nothing was kept and the caller must stop; any
 * error of a mapping becomes a refusal with its original kept.
 */
export async function importOriginal(
  options: ImportOptions & {
    contentType: string;
    name: string;
    patient?: PatientTarget;
    map: (bytes: Uint8Array) => MappedRecord;
  },
): Promise<Receipt> {
  const { bytes: original, contentType, patient } = options;
  const from = { original, contentType, ...(patient && { patient }) };
  const receipt = await options.deliver(mappedDelivery(options.map, from));
  const reason = receipt.reason ? `: ${receipt.reason}` : '';
  options.progress?.(`${options.name}: ${receipt.fate}${reason}`);
  return receipt;
}
