// Which acknowledgments a message asks for: HL7 v2.5 chapter 2.9.2 and 2.9.3, tables 0008 and 0155.
import { describe, expect, it } from 'vitest';
import { acknowledge, type Outcome } from '../../../connectors/mllp/acknowledge.ts';

const outcomes: Outcome[] = ['accepted', 'refused', 'unacceptable', 'failed'];

/** MSH-15, MSH-16, and what is answered when the message was accepted, refused, unacceptable, not kept. */
const modes: [string, string, string, string, string, string][] = [
  ['', '', 'AA', 'AR', 'AR', 'AE'],
  ['XX', '', 'AA', 'AR', 'AR', 'AE'],
  ['NE', 'NE', '', '', '', ''],
  ['AL', 'NE', 'CA', 'CA', 'CR', 'CE'],
  ['AL', '', 'CA', 'CA', 'CR', 'CE'],
  ['NE', 'AL', 'AA', 'AR', 'AR', 'AE'],
  ['', 'AL', 'AA', 'AR', 'AR', 'AE'],
  ['AL', 'AL', 'CA AA', 'CA AR', 'CR', 'CE'],
  ['ER', 'AL', 'AA', 'AR', 'CR', 'CE'],
  ['SU', 'AL', 'CA AA', 'CA AR', 'AR', 'AE'],
  ['AL', 'ER', 'CA', 'CA AR', 'CR', 'CE'],
  ['NE', 'ER', '', 'AR', 'AR', 'AE'],
  ['ER', 'NE', '', '', 'CR', 'CE'],
  ['SU', 'SU', 'CA AA', 'CA', '', ''],
  ['ER', 'ER', '', 'AR', 'CR', 'CE'],
];

const header = (accept: string, application: string) =>
  Buffer.from(`MSH|^~\\&|HIS|SEND|GW|RCV|20260915||VXU^V04^VXU_V04|ID-1|P|2.5|||${accept}|${application}\rPID|1\r`);
let last = 0;
const controlId = () => `N${++last}`;
const answers = (accept: string, application: string, outcome: Outcome, text = 'why') =>
  acknowledge(header(accept, application), { outcome, text, condition: '207' }, controlId, '20260915101500+0900');

describe('acknowledge', () => {
  it.each(modes)('MSH-15 "%s" and MSH-16 "%s"', (accept, application, ...expected) => {
    const given = outcomes.map((outcome) =>
      answers(accept, application, outcome)
        .map((answer) => /\rMSA\|(\w\w)\|ID-1/.exec(answer)?.[1])
        .join(' '),
    );
    expect(given).toEqual(expected);
  });

  it('that a message is safe is said without the reason why it was refused, which the second answer has', () => {
    const [first, second] = answers('AL', 'AL', 'refused');
    expect(first).toMatch(/\rMSA\|CA\|ID-1\r$/);
    expect(second).toMatch(/\rMSA\|AR\|ID-1\|why\rERR\|\|\|207\^Application internal error\^HL70357\|E\|\|\|\|why\r$/);
  });

  it('each has a control ID of its own, and goes back to where the message came from', () => {
    const headers = answers('AL', 'AL', 'accepted', '').map((answer) => answer.split('\r')[0]?.split('|'));
    expect(headers.map((fields) => fields?.slice(2, 6))).toEqual(Array(2).fill(['GW', 'RCV', 'HIS', 'SEND']));
    expect(new Set(headers.map((fields) => fields?.[9])).size).toBe(2);
  });
});
