// The answer to an HL7 v2 message (original mode). HL7 v2.5 chapter 2.9.2 and 2.15.1 (ERR), 2.15.8 (MSA), table 0357.
// Written in ASCII, for every receiver can read that whatever character set it sends.

export type AckCode = 'AA' | 'AE' | 'AR';

export type Acknowledgment = {
  code: AckCode;
  /** For MSA-3 and ERR-8; '' for a plain acceptance. */
  text: string;
  /** HL7 table 0357: 0 accepted, 100-103 content, 200-207 rejected. */
  condition: string;
};

/**
 * The ACK for a message, or for what came of one: sender, receiver, control ID are taken from the MSH as far as it can be
 * read. `controlId` is ours, `time` is `YYYYMMDDHHMMSS+0900`.
 */
export function acknowledge(message: Uint8Array, ack: Acknowledgment, controlId: string, time: string): string {
  const sent = readHeader(message);
  const event = sent(9).split('^')[1] ?? '';
  const text = escapeText(ack.text);
  const severity = ack.code === 'AA' ? 'I' : 'E';
  const header = [
    'MSH',
    '^~\\&',
    sent(5),
    sent(6),
    sent(3),
    sent(4),
    time,
    '',
    event ? `ACK^${event}^ACK` : 'ACK',
    controlId,
  ];
  const segments = [
    [...header, sent(11) || 'P', sent(12) || '2.5'].join('|'),
    ['MSA', ack.code, sent(10), text].join('|').replace(/\|$/, ''),
    ...(text ? [`ERR|||${ack.condition}^${conditions[ack.condition] ?? ''}^HL70357|${severity}||||${text}`] : []),
  ];
  return `${segments.join('\r')}\r`;
}

/** True for an acknowledgment, which must not be answered. */
export function isAcknowledgment(message: Uint8Array): boolean {
  const type = readHeader(message)(9).split('^')[0];
  return type === 'ACK' || type === 'MCF';
}

const conditions: Record<string, string> = {
  '0': 'Message accepted',
  '100': 'Segment sequence error',
  '102': 'Data type error',
  '200': 'Unsupported message type',
  '207': 'Application internal error',
};

// Reads the header byte by byte as Latin-1: all we repeat are fields of codes, and what is not ASCII in them is dropped.
function readHeader(message: Uint8Array): (field: number) => string {
  const text = Buffer.from(message.subarray(0, 2000)).toString('latin1');
  const line = text.split(/[\r\n]/)[0] ?? '';
  const separator = line.startsWith('MSH') ? line[3] : undefined;
  const fields = separator ? line.split(separator) : [];
  return (field) => {
    const value = fields[field - 1] ?? '';
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters would break our own segments
    return /^[^\x00-\x1f\x7f-\xff|]{0,250}$/.test(value) ? value : '';
  };
}

function escapeText(text: string): string {
  const marks: Record<string, string> = { '\\': '\\E\\', '|': '\\F\\', '^': '\\S\\', '~': '\\R\\', '&': '\\T\\' };
  return text
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/[^ -~]/g, '?')
    .slice(0, 400)
    .replace(/[\\|^~&]/g, (mark) => marks[mark] ?? mark);
}
