// The hook for My Number Cards: which account a verified certificate stands for. server/decisions/0012-my-number-card.md
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCardChallenges } from '../../server/store/account-certificates.ts';
import {
  actsOf,
  familyWithTotp,
  goodPassword,
  letIn,
  logIn,
  opened,
  startLogin,
  type TestLogin,
  visit,
} from './support.ts';

let t: TestLogin;
beforeAll(async () => {
  t = await startLogin();
});
afterAll(() => t.close());

const newSubject = () => `jpki:${randomUUID()}`;

describe('a card', () => {
  test('is nobody’s until its holder binds it, and then logs in by itself', async () => {
    const family = await familyWithTotp(t);
    const subject = newSubject();
    expect(await t.login.logInWithCertificate(visit(), subject)).toEqual({ kind: 'refused', why: 'wrong' });
    const bound = opened(await t.login.bindCertificate(visit({ session: family.text }), family.session, subject));
    expect(bound.session).toMatchObject({
      level: 'full',
      amr: family.session.amr,
      authTimeMs: family.session.authTimeMs,
    });
    const { session } = opened(await t.login.logInWithCertificate(visit(), subject));
    expect(session).toMatchObject({ account: family.account, level: 'full', amr: ['sc', 'pin'] });
    expect(await t.login.factorsOf(session)).toMatchObject({ card: true });
    expect(await actsOf(t, family.subject)).toContain('factor-added');
    // A card adds no card.
    expect(await t.login.bindCertificate(visit(), session, newSubject())).toMatchObject({ why: 'step-up' });
    expect(await t.login.removeFactor(visit(), session, 'card')).toEqual({ kind: 'removed' });
    expect(await t.login.logInWithCertificate(visit(), subject)).toMatchObject({ why: 'wrong' });
  });

  test('that is renewed takes the place of the older one', async () => {
    const family = await familyWithTotp(t);
    const [old, renewed] = [newSubject(), newSubject()];
    const { session } = opened(await t.login.bindCertificate(visit(), family.session, old));
    opened(await t.login.bindCertificate(visit(), session, renewed));
    expect(await t.login.logInWithCertificate(visit(), old)).toMatchObject({ why: 'wrong' });
    expect((await t.login.logInWithCertificate(visit(), renewed)).kind).toBe('opened');
  });

  test('of another account is not taken, of two at the same time one has it', async () => {
    const families = await Promise.all(Array.from({ length: 4 }, () => familyWithTotp(t)));
    const subject = newSubject();
    const logins = [];
    for (const family of families) logins.push(await logIn(t, family));
    const answers = await Promise.all(logins.map(({ session }) => t.login.bindCertificate(visit(), session, subject)));
    expect(answers.map((answer) => ('why' in answer ? answer.why : 'bound')).sort()).toEqual([
      'bound',
      'taken',
      'taken',
      'taken',
    ]);
  });

  test('makes a password alone worth nothing', async () => {
    const login = `card-${randomUUID()}`;
    const begun = opened(await t.login.signUp(visit(), { login, password: goodPassword, name: '試験 花子' }));
    expect(opened(await t.login.bindCertificate(visit(), begun.session, newSubject())).session.level).toBe('full');
    const { session } = opened(await t.login.logInWithPassword(visit(), { login, password: goodPassword }));
    expect(session.level).toBe('half');
    expect(await t.login.offerTotpSeed(session)).toMatchObject({ why: 'step-up' });
  });

  test('signs a challenge of its own session, once', async () => {
    const challenges = createCardChallenges<'authentication'>({ pool: t.pool });
    const expiresMs = t.clock.nowMs + 300_000;
    await challenges.keep({ hash: 'h', session: 's', kind: 'authentication', expiresMs });
    expect(await challenges.take({ hash: 'h', session: 'other' })).toBeUndefined();
    expect(
      await letIn(
        () => challenges.take({ hash: 'h', session: 's' }),
        (taken) => taken !== undefined,
      ),
    ).toBe(1);
  });
});
