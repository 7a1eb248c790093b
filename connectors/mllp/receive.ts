// One MLLP message: mapped, handed over, and the acknowledgments that its sender asked for.

import { randomUUID } from 'node:crypto';
import { mapHl7 } from '../../mappings/hl7v2/map.ts';
import { UnreadableInput } from '../../mappings/record.ts';
import { type Delivery, DeliveryFailed, deliveryOf, type Receipt, unreadable } from '../deliver.ts';
import type { Gather } from '../gather.ts';
import { HL7_CONTENT_TYPE } from '../hl7v2-file.ts';
import { type Acknowledgment, acknowledge, isAcknowledgment } from './acknowledge.ts';

/** Lines for the operator: of a message its size and fate, never its content. */
export type Log = (level: 'info' | 'warn', line: string) => void;

/** The acknowledgments, unframed; none for an acknowledgment, or where the sender wants none. `lane` keeps the order of its messages. */
export type Receive = (message: Buffer, lane: object) => Promise<string[]>;

export function receiver(options: { handOver: Gather; log: Log; institution?: string }): Receive {
  const { log } = options;
  return async (message, lane) => {
    if (isAcknowledgment(message)) {
      log('warn', 'mllp: an acknowledgment came in and was ignored');
      return [];
    }
    const delivery = readMessage(message, options);
    try {
      const receipt = await options.handOver(delivery, lane);
      const id = receipt.delivery && ` as ${receipt.delivery}`;
      log('info', `mllp: ${message.length} bytes ${receipt.fate}${id}`);
      return answersTo(message, acknowledgmentOf(receipt, delivery));
    } catch (error) {
      if (!(error instanceof DeliveryFailed)) throw error;
      log('warn', `mllp: not kept: ${error.message}`);
      return answersTo(message, failed(`Not kept, please send again later. ${error.message}`));
    }
  };
}

/** For what was not taken through a fault that sending again may mend. */
export const failed = (text: string): Acknowledgment => ({ outcome: 'failed', text, condition: '207' });

/** The acknowledgments of `message`, with our time and control IDs. */
export function answersTo(message: Uint8Array, acknowledgment: Acknowledgment): string[] {
  return acknowledge(message, acknowledgment, controlId, japanTime());
}

function readMessage(original: Buffer, { institution, log }: { institution?: string; log: Log }): Delivery {
  const from = { original, contentType: HL7_CONTENT_TYPE };
  try {
    return deliveryOf(mapHl7(original, institution ? { institution } : {}), from);
  } catch (error) {
    // A bug of ours in a mapping must not lose the message: it is kept all the same, and can be replayed once mended.
    if (!(error instanceof UnreadableInput)) log('warn', `mllp: a mapping failed: ${stackOf(error)}`);
    return unreadable(error, from);
  }
}

// Where, not what: an error's message may quote the message it stumbled over.
function stackOf(error: unknown): string {
  const lines = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
  return `${error instanceof Error ? error.name : 'unknown error'}${lines[0] ?? ''}`;
}

function acknowledgmentOf({ fate, reason }: Receipt, { record, problem }: Delivery): Acknowledgment {
  if (fate === 'stored') return { outcome: 'accepted', text: '', condition: '0' };
  if (fate === 'waiting')
    return { outcome: 'accepted', text: reason ?? 'Kept; waiting until the family links this number.', condition: '0' };
  const outcome = record === undefined ? 'unacceptable' : 'refused';
  const text = reason ?? problem ?? 'The message was kept but not taken into the record.';
  return { outcome, text, condition: '207' };
}

const controlId = (): string => randomUUID().replaceAll('-', '').slice(0, 20);

// HL7 wants local time with its offset; Japan has no daylight saving.
function japanTime(): string {
  const shifted = new Date(Date.now() + 9 * 3_600_000).toISOString();
  return `${shifted.slice(0, 19).replace(/[-T:]/g, '')}+0900`;
}
