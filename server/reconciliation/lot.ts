// Lot numbers as they are typed from a sticker: O for 0, I or l for 1, a letter off, "Lot." in front.

import { isOneSlip, plainText } from './texts.ts';

/** A lot in the form that is compared; undefined for none. */
export function plainLot(lot: string | undefined): string | undefined {
  const text = plainText(lot ?? '')
    .replace(/^(LOTNO|LOT|ロットバンゴウ|ロット番号|ロット|製造番号|NO)/, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  return text === '' ? undefined : text;
}

/** `same`, `typo` (one slip of the pen), `other`, `missing`. A lot of three characters is too short for a slip to be told. */
export function lotWord(one: string | undefined, other: string | undefined): string {
  if (one === undefined || other === undefined) return 'missing';
  if (one === other) return 'same';
  return Math.min(one.length, other.length) >= 4 && isOneSlip(one, other) ? 'typo' : 'other';
}
