// The answers to an HL7 v2 message, in the mode that its MSH-15 and MSH-16 ask for. HL7 v2.5 chapter 2.9.2 (original mode),
// 2.9.3 (enhanced mode), 2.15.5 (ERR), 2.15.8 (MSA), tables 0008, 0155 and 0357.
// Written in ASCII, for every receiver can read that whatever character set it sends.

/**
 * What became of a message. `accepted`: kept, in the record or waiting for it. `refused`: kept, but not taken into the record.
 * `unacceptable`: not to be read as a message at all, or too large. `failed`: not kept, so it has to be sent again.
 */
export type Outcome = 'accepted' | 'refused' | 'unacceptable' | 'failed';

export type Acknowledgment = {
  outcome: Outcome;
  /** For MSA-3 and ERR-8; '' for a plain acceptance. */
  text: string;
  /** HL7 table 0357: 0 accepted, 100-103 content, 200-207 rejected. */
  condition: string;
};

export type AckCode = 'AA' | 'AE' | 'AR' | 'CA' | 'CE' | 'CR';

/**
 * The acknowledgments that a message, or what came of one, asks for, in the order in which they are sent. Original mode: one of
 * the application. Enhanced mode: that of the transport (kept or not) if MSH-15 wants it, then that of the application if
 * MSH-16 wants it; of a message that was not kept the sender hears once. Sender, receiver and control ID are taken from the
 * MSH as far as it can be read. `controlId` makes one of ours, `time` is `YYYYMMDDHHMMSS+0900`.
 */
export function acknowledge(message: Uint8Array, ack: Acknowledgment, controlId: () => string, time: string): string[] {
  const sent = readHeader(message);
  return codesFor(ack.outcome, sent(15), sent(16)).map((code) => {
    // That a message is safe needs no reason; what became of it then is for the application to say.
    const said = code === 'CA' ? { text: '', condition: '0' } : ack;
    return acknowledgment(sent, code, said, controlId(), time);
  });
}

function codesFor(outcome: Outcome, accept: string, application: string): AckCode[] {
  const ofApplication = { accepted: 'AA', refused: 'AR', unacceptable: 'AR', failed: 'AE' } as const;
  if (!conditionsOfUse.has(accept) && !conditionsOfUse.has(application)) return [ofApplication[outcome]];
  const ofTransport = { accepted: 'CA', refused: 'CA', unacceptable: 'CR', failed: 'CE' } as const;
  const isKept = ofTransport[outcome] === 'CA';
  const first = isWanted(accept, isKept) ? [ofTransport[outcome]] : [];
  const isSaid = !isKept && first.length > 0;
  return [...first, ...(!isSaid && isWanted(application, outcome === 'accepted') ? [ofApplication[outcome]] : [])];
}

// Table 0155. A value that is not in it asks for nothing, and does not ask for enhanced mode.
const conditionsOfUse = new Set(['AL', 'NE', 'ER', 'SU']);

const isWanted = (condition: string, isSuccess: boolean): boolean =>
  condition === 'AL' || condition === (isSuccess ? 'SU' : 'ER');

function acknowledgment(
  sent: Header,
  code: AckCode,
  { text, condition }: Pick<Acknowledgment, 'text' | 'condition'>,
  controlId: string,
  time: string,
): string {
  const event = sent(9).split('^')[1] ?? '';
  const said = escapeText(text);
  const severity = code.endsWith('A') ? 'I' : 'E';
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
    ['MSA', code, sent(10), said].join('|').replace(/\|$/, ''),
    ...(said ? [`ERR|||${condition}^${conditions[condition] ?? ''}^HL70357|${severity}||||${said}`] : []),
  ];
  return `${segments.join('\r')}\r`;
}

/** True when there is a header that says whom to answer. */
export function isAddressed(message: Uint8Array): boolean {
  return readHeader(message)(9) !== '';
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

/** MSH-n as it was sent, '' when it is absent or holds more than a code. */
type Header = (field: number) => string;

// Reads the header byte by byte as Latin-1: all we repeat are fields of codes, and what is not ASCII in them is dropped.
function readHeader(message: Uint8Array): Header {
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
