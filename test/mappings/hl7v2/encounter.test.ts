// A stay told by many messages (HL7 v2.5 chapter 3.3): the one made last stands, so each has to hold the whole of it.
import type { Encounter } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import { mapHl7 } from '../../../mappings/hl7v2/map.ts';
import { INSTITUTION, jis } from '../../support/samples/hl7v2.ts';
import { movement } from '../../support/samples/hl7v2-hospital.ts';
import { faultsOf } from '../../support/valid-entries.ts';

const map = (text: string) => mapHl7(jis(text), { institution: INSTITUTION });
type Movement = Parameters<typeof movement>[0];

function stay(sent: Movement): Encounter | undefined {
  const { entries } = map(movement(sent));
  expect(faultsOf(entries)).toEqual([]);
  expect(entries.length).toBeLessThan(2);
  return entries[0]?.resource as Encounter | undefined;
}

const identifierOf = (sent: Movement): string | undefined => stay(sent)?.identifier?.[0]?.value;
const admitted: Movement = { event: 'A01', time: '20260709161000' };

describe('a stay', () => {
  it.each([
    ['A01', 'in-progress'],
    ['A02', 'in-progress'],
    ['A03', 'finished'],
    ['A05', 'planned'],
    ['A11', 'cancelled'],
    ['A12', 'in-progress'],
    ['A13', 'in-progress'],
    ['A14', 'planned'],
    ['A15', 'in-progress'],
    ['A16', 'in-progress'],
    ['A21', 'onleave'],
    ['A22', 'in-progress'],
    ['A23', 'entered-in-error'],
    ['A25', 'in-progress'],
    ['A26', 'in-progress'],
    ['A27', 'cancelled'],
    ['A52', 'in-progress'],
    ['A53', 'onleave'],
    ['A54', 'in-progress'],
    ['A55', 'in-progress'],
  ])('is one Encounter, after %s %s', (event, status) => {
    const sent = { event, time: '20260710090000', happened: '20260710080000' };
    expect(stay(sent)?.status).toBe(status);
    expect(identifierOf(sent)).toBe(identifierOf(admitted));
  });

  it('holds when it began, whatever message is the last', () => {
    for (const event of ['A01', 'A02', 'A03', 'A13', 'A21', 'A22', 'A54'])
      expect(stay({ event, time: '20260715101000' })?.period?.start).toBe('2026-07-09T16:00:00+09:00');
  });

  it('without a visit number is known by when it began', () => {
    const one = identifierOf({ ...admitted, visit: '' });
    expect(identifierOf({ event: 'A03', time: '20260715101000', visit: '', discharged: '20260715100000' })).toBe(one);
    expect(identifierOf({ ...admitted, visit: '', admitted: '20260709160100' })).not.toBe(one);
  });

  it('ends with PV1-45, and again goes on when the discharge is cancelled', () => {
    const discharged = '20260715100000';
    expect(stay({ event: 'A03', time: '20260715101000', discharged })?.period?.end).toBe('2026-07-15T10:00:00+09:00');
    expect(stay({ event: 'A08', time: '20260716101000', discharged })?.status).toBe('finished');
    expect(stay({ event: 'A13', time: '20260715120000', discharged })).toMatchObject({ status: 'in-progress' });
    expect(stay({ event: 'A13', time: '20260715120000', discharged })?.period?.end).toBeUndefined();
  });

  it('is not replaced by a discharge that does not hold the admission: that is a part of it', () => {
    const sent = { event: 'A03', time: '20260715101000', admitted: '', discharged: '20260715100000' };
    const part = stay(sent);
    expect(part).toMatchObject({
      status: 'finished',
      period: { end: '2026-07-15T10:00:00+09:00' },
      partOf: { identifier: { value: identifierOf(admitted) } },
    });
    expect(part?.identifier?.[0]?.value).not.toBe(identifierOf(admitted));
    const cancelled = stay({ ...sent, event: 'A13', discharged: '' });
    expect(cancelled).toMatchObject({ status: 'entered-in-error', identifier: part?.identifier });
  });

  it.each([
    ['A02', 'A12', 'in-progress', 'entered-in-error'],
    ['A15', 'A26', 'planned', 'cancelled'],
    ['A16', 'A25', 'planned', 'cancelled'],
    ['A21', 'A52', 'onleave', 'entered-in-error'],
    ['A22', 'A53', 'in-progress', 'entered-in-error'],
    ['A54', 'A55', 'in-progress', 'entered-in-error'],
  ])('gets a part of its own by %s without the admission, which %s cancels', (event, cancel, status, cancelled) => {
    for (const visit of ['V0001', '']) {
      const sent = { event, time: '20260710090000', admitted: '', visit, happened: '20260710080000' };
      const [part, after] = [stay(sent), stay({ ...sent, event: cancel, time: '20260711090000' })];
      expect([part?.status, after?.status]).toEqual([status, cancelled]);
      expect(after?.identifier).toEqual(part?.identifier);
      expect(part?.partOf?.identifier?.value).toBe(
        visit && identifierOf(admitted) ? identifierOf(admitted) : undefined,
      );
      expect(part?.identifier?.[0]?.value).not.toBe(identifierOf(admitted));
    }
  });

  it('is not told by a message that says neither which visit nor when', () => {
    const { entries, problems } = map(movement({ event: 'A01', time: '', admitted: '', visit: '' }));
    expect(entries).toEqual([]);
    expect(problems).toContain('PV1 and EVN-6 do not say which visit it is, or when.');
  });

  it('tells where the patient is and was', () => {
    const moved = stay({
      event: 'A02',
      time: '20260710090000',
      happened: '20260710080000',
      place: '25^301^2^^^N',
      prior: '24^201^1^^^N',
    });
    expect(moved?.location).toEqual([
      { location: { display: '25 301 2' }, status: 'active', period: { start: '2026-07-10T08:00:00+09:00' } },
      { location: { display: '24 201 1' }, status: 'completed', period: { end: '2026-07-10T08:00:00+09:00' } },
    ]);
  });

  it('planned without a number is known by the day it is planned for, and cancelled by it', () => {
    const pv2 = `PV2|${'|'.repeat(7)}20260801|20260805`;
    const sent = { event: 'A14', time: '20260720090000', visit: '', admitted: '', pv2 };
    expect(stay(sent)).toMatchObject({ status: 'planned', period: { start: '2026-08-01', end: '2026-08-05' } });
    expect(stay({ ...sent, event: 'A27' })).toMatchObject({
      status: 'cancelled',
      identifier: [{ value: identifierOf(sent) }],
    });
  });

  it('takes an end before the beginning for no end, and says so', () => {
    const { entries, problems } = map(movement({ event: 'A03', time: '20260715101000', discharged: '20260701' }));
    expect((entries[0]?.resource as Encounter | undefined)?.period).toEqual({ start: '2026-07-09T16:00:00+09:00' });
    expect(problems).toEqual(['A period that ends before it begins was taken without its end.']);
    expect(faultsOf(entries)).toEqual([]);
  });
});
