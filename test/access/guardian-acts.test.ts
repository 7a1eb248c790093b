// One row for each sentence of the policy about guardians, growing up and protection (decision 11).
import { describe, expect, test } from 'vitest';
import { type Decision, decide, type Facts } from '../../server/access/guardian-acts.ts';

const facts = (more: Partial<Facts>): Facts => ({
  birth: '2024-06-01',
  at: '2026-11-23T09:00:00+09:00',
  relation: 'mother',
  link: 'active',
  custody: 'joint',
  action: 'read',
  ...more,
});
const teen = (more: Partial<Facts>) => facts({ birth: '2011-06-01', ...more });
const self = (more: Partial<Facts>) => teen({ relation: 'self', ...more });
const granny = (more: Partial<Facts>) => facts({ relation: 'grandmother', link: 'invited', ...more });

describe('a guardian', () => {
  test.each<[string, Partial<Facts>, Decision]>([
    ['reads', {}, 'permit'],
    ['reads what is very restricted of a small child', { label: 'V', sensitivity: 'SDV' }, 'permit'],
    ['sees who looked', { action: 'read-access-log' }, 'permit'],
    ['writes', { action: 'write' }, 'permit'],
    ['agrees to a routine vaccination alone', { action: 'consent-routine-vaccination' }, 'permit'],
    ['is reminded', { action: 'receive-reminder' }, 'permit'],
    ['reads after a death', { childDeceased: true }, 'permit'],
    ['shares a summary alone', { action: 'share-emergency-summary' }, 'permit'],
    ['shares a summary in an urgency', { action: 'share-emergency-summary', urgent: true }, 'permit-and-notify'],
    ['needs the other to move the record', { action: 'move-record' }, 'needs-other-parent'],
    ['needs the other to end a link', { action: 'end-link', confirmedBy: ['mother'] }, 'needs-other-parent'],
    ['deletes with the other', { action: 'delete-record', confirmedBy: ['mother', 'father'] }, 'permit'],
    ['with sole custody decides alone', { action: 'consent-research', custody: 'sole' }, 'permit'],
    ['with sole custody tells nobody', { action: 'share-emergency-summary', urgent: true, custody: 'sole' }, 'permit'],
    ['whose link waits sees nothing', { link: 'pending' }, 'deny'],
    ['without a link sees nothing', { link: 'none' }, 'deny'],
    ['whose link has ended writes nothing', { link: 'ended', action: 'write' }, 'deny'],
    ['reads on the last day of the link', { linkEnd: '2026-11-23' }, 'permit'],
    ['does not read on the day after', { linkEnd: '2026-11-22' }, 'deny'],
    ['does nothing that the policy does not know', { action: 'sell' }, 'deny'],
    [
      'that is suspended does nothing, urgent or not',
      { suspended: true, action: 'share-emergency-summary', urgent: true },
      'deny-as-not-found',
    ],
    ['that is suspended is not told that the link ended', { suspended: true, link: 'ended' }, 'deny-as-not-found'],
    ['of a mother’s own record is the mother alone', { subject: 'mother-pregnancy', relation: 'father' }, 'deny'],
    ['reads her own pregnancy', { subject: 'mother-pregnancy' }, 'permit'],
    ['at an instant without offset is in Japan', { birth: '2008-11-24', at: '2026-11-23T23:59:59+09:00' }, 'permit'],
  ])('%s', (_, more, decision) => expect(decide(facts(more))).toBe(decision));

  test.each<[string, Partial<Facts>, Decision]>([
    ['authored the day before the fifteenth birthday', { label: 'R', authored: '2026-05-31' }, 'permit'],
    ['authored on the fifteenth birthday', { label: 'R', authored: '2026-06-01' }, 'deny'],
    ['of an unknown day', { sensitivity: 'HIV' }, 'deny'],
    ['that the young person opened', { label: 'R', authored: '2026-07-01', childGrant: true }, 'permit'],
    ['that is not restricted', { authored: '2026-07-01' }, 'permit'],
  ])('of a young person reads what is %s by the rule', (_, more, decision) => {
    expect(decide(teen(more))).toBe(decision);
  });

  test.each<[string, Partial<Facts>, Decision]>([
    ['nothing', {}, 'deny'],
    ['what was granted back', { childGrant: true }, 'permit'],
    ['no more than was granted', { childGrant: true, grantLabels: ['N'], label: 'V' }, 'deny'],
    ['what is restricted where it was granted', { childGrant: true, grantLabels: ['N', 'R'], label: 'R' }, 'permit'],
    ['and writes nothing', { childGrant: true, action: 'write' }, 'deny'],
    ['not who looked', { childGrant: true, action: 'read-access-log' }, 'deny'],
  ])('of a grown child reads %s', (_, more, decision) => {
    expect(decide(facts({ birth: '2008-11-23', ...more }))).toBe(decision);
  });

  test('of one born on 29 February is one until 1 March', () => {
    const at = (moment: string) => decide(facts({ birth: '2008-02-29', at: moment }));
    expect([at('2026-02-28T23:59:59.999+09:00'), at('2026-03-01T00:00:00+09:00')]).toEqual(['permit', 'deny']);
  });
});

describe('a young person', () => {
  test.each<[string, Partial<Facts>, Decision]>([
    ['reads everything from 15', { label: 'V' }, 'permit'],
    ['reads nothing before', { birth: '2011-11-24' }, 'deny'],
    ['does so on the birthday', { birth: '2011-11-23', at: '2026-11-23T00:00:00+09:00' }, 'permit'],
    ['writes and books', { action: 'book' }, 'permit'],
    ['authorizes an app with a guardian', { action: 'authorize-app', confirmedBy: ['father'] }, 'permit'],
    ['agrees to a vaccination with a guardian', { action: 'consent-routine-vaccination' }, 'needs-guardian'],
    ['does so alone from 16', { action: 'consent-routine-vaccination', birth: '2010-11-23' }, 'permit'],
    ['leaves research to be agreed with a guardian', { action: 'consent-research' }, 'needs-guardian'],
    ['decides alone when grown up', { action: 'delete-record', birth: '2008-11-23' }, 'permit'],
    ['does nothing that the policy does not know', { action: 'sell', confirmedBy: ['mother'] }, 'deny'],
  ])('%s', (_, more, decision) => expect(decide(self(more))).toBe(decision));
});

describe('an invited relative', () => {
  test.each<[string, Partial<Facts>, Decision]>([
    ['reads what was ticked', { action: 'read-growth', categories: ['growth'] }, 'permit'],
    ['and nothing else', { action: 'read-vaccination', categories: ['growth'] }, 'deny'],
    ['not what is restricted', { action: 'read-growth', label: 'R' }, 'deny'],
    ['not who looked', { action: 'read-access-log' }, 'deny'],
    ['not the whole record', { action: 'read' }, 'deny'],
    ['does not book', { action: 'book' }, 'deny'],
    ['reads nothing once the child is grown up', { action: 'read-growth', birth: '2008-11-23' }, 'deny'],
    ['that is suspended is a stranger', { action: 'read-growth', suspended: true }, 'deny-as-not-found'],
  ])('%s', (_, more, decision) => expect(decide(granny(more))).toBe(decision));
});
