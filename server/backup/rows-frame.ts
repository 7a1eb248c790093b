// A frame with rows of one table and one patient, or of nobody: table (2 bytes), the id of the patient's key (16, zeros: none), how many
// rows end in it (4); then the text of COPY, deflated, and with a key encrypted once more by AES-256-GCM under a random nonce. Rows
// may go on in the next frame.

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';

export const rowsKind = 1;
/** Text in one frame at most; what is read of a frame is bounded by it, too. */
export const mostTextBytes = 1024 * 1024;

export type RowsFrame = { table: number; key: string | undefined; rows: number; body: Buffer };

const headBytes = 22;
const nonceBytes = 12;
const tagBytes = 16;
const noKey = '0'.repeat(32);

/** `key`: of the patient whose rows they are. */
export function rowsFrame(
  table: number,
  key: { id: string; secret: Buffer } | undefined,
  rows: number,
  text: Buffer,
): Buffer {
  const head = Buffer.alloc(headBytes);
  head.writeUInt16BE(table);
  if (key) head.write(key.id.replaceAll('-', ''), 2, 'hex');
  head.writeUInt32BE(rows, 18);
  const deflated = deflateRawSync(text, { level: 1 });
  if (!key) return Buffer.concat([head, deflated]);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key.secret, nonce).setAAD(head);
  return Buffer.concat([head, nonce, cipher.update(deflated), cipher.final(), cipher.getAuthTag()]);
}

/** What a frame says before it is opened. `key` in hexadecimal digits. */
export function readRowsFrame(content: Buffer): RowsFrame {
  const key = content.toString('hex', 2, 18);
  return {
    table: content.readUInt16BE(),
    key: key === noKey ? undefined : key,
    rows: content.readUInt32BE(18),
    body: content,
  };
}

/** The text of a frame; undefined when the key does not open it, or it holds more than a frame may. */
export function textOf({ body, key }: RowsFrame, secret: Buffer | undefined): Buffer | undefined {
  try {
    const sealed = body.subarray(headBytes);
    const deflated = key === undefined ? sealed : secret && opened(sealed, secret, body.subarray(0, headBytes));
    return deflated && inflateRawSync(deflated, { maxOutputLength: mostTextBytes });
  } catch {
    return undefined;
  }
}

function opened(sealed: Buffer, secret: Buffer, head: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', secret, sealed.subarray(0, nonceBytes)).setAAD(head);
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  return Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()]);
}
