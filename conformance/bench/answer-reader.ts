// Reads HTTP/1.1 answers off a socket, one at a time: just enough of the protocol to know where an answer ends. The load
// generator shares its cores with what it measures, so nothing more is parsed.

/** `start`: the beginning of an answer that is an error, for a message. */
export type Answer = { status: number; start: string };

const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');

/** Takes the socket's data; calls back at the end of each answer, and for the first byte of each. */
export function createAnswerReader(on: { firstByte(): void; answer(answer: Answer): void }): (data: Buffer) => void {
  let head: Buffer | undefined;
  let tail: Buffer = Buffer.alloc(0);
  let status = 0;
  let bytes = 0;
  let wantedBytes: number | undefined;
  let isInBody = false;

  return (data) => {
    if (!isInBody && head === undefined) on.firstByte();
    bytes += data.length;
    if (!isInBody) {
      head = head === undefined ? data : Buffer.concat([head, data]);
      const end = head.indexOf(headEnd);
      if (end === -1) return;
      const text = head.toString('latin1', 0, end);
      status = Number(text.slice(9, 12));
      const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
      const hasNoBody = status === 204 || status === 304;
      wantedBytes = length !== undefined || hasNoBody ? end + headEnd.length + Number(length ?? 0) : undefined;
      isInBody = true;
      tail = Buffer.alloc(0);
    }
    // Chunked: a JSON text holds no raw line break, so the last chunk cannot be mistaken. It may come in two pieces.
    if (wantedBytes === undefined) {
      tail = data.length >= lastChunk.length ? data : Buffer.concat([tail, data]);
      tail = tail.subarray(-lastChunk.length);
    }
    const isWhole = wantedBytes === undefined ? tail.equals(lastChunk) : bytes >= wantedBytes;
    if (!isWhole) return;
    const answer = { status, start: status < 300 ? '' : (head?.toString('utf8', 0, 2000) ?? '') };
    head = undefined;
    bytes = 0;
    isInBody = false;
    on.answer(answer);
  };
}
