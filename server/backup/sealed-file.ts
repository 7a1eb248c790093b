// A file of encrypted frames, for backups and key rings. A line of JSON says what it is; then frames, each its length (4 bytes), its
// kind (1 byte) and AES-256-GCM over its content. The nonce is the frame's place and the head is authenticated with each, so that a
// frame that was changed, moved or taken from another file does not open; a file without its last frame was cut off.

import { createCipheriv, createDecipheriv, createHash, type Hash, randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { BackupFault } from './backup-fault.ts';
import { type FileKey, fileKey } from './backup-key.ts';

export type FileKind = 'backup' | 'keys';
/** `sha256`: of every byte of the file before this frame. */
export type Frame = { kind: number; content: Buffer; sha256: () => string };

/** `signer`: the thumbprint of the deployment whose it is. */
export type SealedFacts = { kind: FileKind; keyText: string; signer: string };

export const endKind = 0;
const format = 'tsumugi-sealed-1';
const mostFrameBytes = 2 * 1024 * 1024;
const mostHeadBytes = 1024;
const tagBytes = 16;

export type SealedWriter = {
  add(kind: number, content: Buffer): Promise<void>;
  /** Of every byte written so far, in hexadecimal. */
  sha256(): string;
  bytes(): number;
  /** The last frame; then the file is on the disk. */
  end(content: Buffer): Promise<void>;
  close(): Promise<void>;
};

/** Begins a new file, readable by its owner alone. */
export async function createSealed(path: string, { kind, keyText, signer }: SealedFacts): Promise<SealedWriter> {
  const salt = randomBytes(32);
  const { key, id } = fileKey(keyText, salt);
  const head = Buffer.from(`${JSON.stringify({ format, kind, signer, key: id, salt: salt.toString('base64url') })}\n`);
  const handle = await open(path, 'wx', 0o600);
  const digest = createHash('sha256');
  let [place, bytes] = [0, 0];
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  const flush = async () => {
    if (pendingBytes === 0) return;
    const all = Buffer.concat(pending);
    [pending, pendingBytes] = [[], 0];
    for (let at = 0; at < all.length; ) at += (await handle.write(all, at)).bytesWritten;
  };
  const put = async (part: Buffer) => {
    digest.update(part);
    pending.push(part);
    pendingBytes += part.length;
    bytes += part.length;
    if (pendingBytes >= mostFrameBytes / 2) await flush();
  };
  const add = async (frame: number, content: Buffer) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(place++));
    cipher.setAAD(aadOf(head, frame));
    const lengths = Buffer.alloc(5);
    lengths.writeUInt32BE(content.length + tagBytes);
    lengths[4] = frame;
    await put(Buffer.concat([lengths, cipher.update(content), cipher.final(), cipher.getAuthTag()]));
  };
  await put(head);
  return {
    add,
    sha256: () => digest.copy().digest('hex'),
    bytes: () => bytes,
    end: async (content) => {
      await add(endKind, content);
      await flush();
      await handle.sync();
    },
    close: () => handle.close(),
  };
}

/** The frames of a file in order, the last one with kind 0. Throws BackupFault for anything that is not as it was written. */
export async function* readSealed(
  path: string,
  expected: { kind: FileKind; keyText: string; signer?: string | undefined },
): AsyncGenerator<Frame> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const { peek, take } = reader(handle);
    const { head, key } = openHead(await peek(Math.min(mostHeadBytes, size)), expected, path);
    const digest: Hash = createHash('sha256').update(head);
    await take(head.length);
    for (let place = 0; ; place++) {
      const lengths = await take(5);
      const length = lengths?.readUInt32BE() ?? 0;
      if (lengths === undefined) throw new BackupFault(`${path} was cut off: its last frame is missing`);
      if (length < tagBytes || length > mostFrameBytes) throw new BackupFault(damaged(path, place));
      const sealed = await take(length);
      if (sealed === undefined) throw new BackupFault(`${path} was cut off in frame ${place + 1}`);
      const frame = lengths[4] ?? 0;
      const content = opened(sealed, key, place, aadOf(head, frame));
      if (!content) throw new BackupFault(damaged(path, place));
      const before = digest.copy();
      digest.update(lengths).update(sealed);
      if (frame === endKind && (await peek(1)) !== undefined)
        throw new BackupFault(`${path} goes on behind its last frame`);
      yield { kind: frame, content, sha256: () => before.copy().digest('hex') };
      if (frame === endKind) return;
    }
  } finally {
    await handle.close();
  }
}

const damaged = (path: string, place: number): string =>
  `${path} is not as it was written: frame ${place + 1} was changed`;

const nonceOf = (place: number): Buffer => {
  const nonce = Buffer.alloc(12);
  nonce.writeBigUInt64BE(BigInt(place), 4);
  return nonce;
};

const aadOf = (head: Buffer, frame: number): Buffer => Buffer.concat([head, Buffer.from([frame])]);

function opened(sealed: Buffer, key: Buffer, place: number, aad: Buffer): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(place));
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  const content = decipher.update(sealed.subarray(0, -tagBytes));
  try {
    decipher.final();
  } catch {
    return undefined;
  }
  return content;
}

function openHead(
  begin: Buffer | undefined,
  { kind, keyText, signer }: { kind: FileKind; keyText: string; signer?: string | undefined },
  path: string,
): { head: Buffer; key: Buffer } {
  const end = begin?.indexOf(10) ?? -1;
  const head = begin?.subarray(0, end + 1) ?? Buffer.alloc(0);
  const facts = headFacts(head);
  if (facts?.format !== format) throw new BackupFault(`${path} is neither a backup nor a key ring of this program`);
  if (facts.kind !== kind) throw new BackupFault(`${path} is a ${words(facts.kind)}, not a ${words(kind)}`);
  const found: FileKey = fileKey(keyText, Buffer.from(String(facts.salt), 'base64url'));
  if (found.id !== facts.key)
    throw new BackupFault(`${path} was made with another key than the one in the key file, or its head was changed`);
  if (signer !== undefined && facts.signer !== signer)
    throw new BackupFault(
      `${path} is of the deployment ${facts.signer}, and the ${words(kind === 'backup' ? 'keys' : 'backup')} is of ${signer}`,
    );
  return { head, key: found.key };
}

const words = (kind: unknown): string => (kind === 'keys' ? 'key ring' : 'backup');

function headFacts(head: Buffer): Record<string, unknown> | undefined {
  try {
    return JSON.parse(head.toString('utf8')) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** Takes the next bytes of a file, or only looks at them, through one buffer; undefined when there are fewer. */
function reader(handle: FileHandle) {
  let buffer = Buffer.alloc(0);
  let [used, at] = [0, 0];
  const peek = async (count: number): Promise<Buffer | undefined> => {
    while (buffer.length - used < count) {
      const more = Buffer.alloc(Math.max(mostFrameBytes / 2, count));
      const { bytesRead } = await handle.read(more, 0, more.length, at);
      if (bytesRead === 0) return undefined;
      at += bytesRead;
      buffer = Buffer.concat([buffer.subarray(used), more.subarray(0, bytesRead)]);
      used = 0;
    }
    return buffer.subarray(used, used + count);
  };
  const take = async (count: number): Promise<Buffer | undefined> => {
    const taken = await peek(count);
    if (taken) used += count;
    return taken;
  };
  return { peek, take };
}
