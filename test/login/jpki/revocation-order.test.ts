// Who is asked about a certificate, in which order and how often; and the last corners of its profile.
import { describe, expect, test } from 'vitest';
import { readCertificate } from '../../../server/login/jpki/certificate.ts';
import type { FetchStatus } from '../../../server/login/jpki/fetch-status.ts';
import { refuseUnless } from '../../../server/login/jpki/profile.ts';
import { refuseRevoked } from '../../../server/login/jpki/revocation.ts';
import { implicit, oid, seq, type WishedExtension } from './der-builder.ts';
import {
  authorityCertificate,
  authorityName,
  certificate,
  crl,
  ext,
  makeKeys,
  nowMs,
  type OcspWishes,
  ocspAnswer,
  ocspSigning,
  policies,
} from './test-authority.ts';

const authority = makeKeys();
const keys = makeKeys();
const issuer = readCertificate(authorityCertificate(authority));
const profile = [ext.digitalSignature(), ext.policy(policies.authentication)];
type Wished = readonly WishedExtension[];
const issue = (...extensions: Wished) => readCertificate(certificate({ keys, signer: authority, extensions }));

/** One extension with several responders, which are asked in their order. */
const responders = (...urls: string[]) => ({
  id: '1.3.6.1.5.5.7.1.1',
  value: seq(...urls.map((url) => seq(oid('1.3.6.1.5.5.7.48.1'), implicit(6, Buffer.from(url))))),
});
const [a, b, c] = ['http://a.test/', 'http://b.test/', 'http://c.test/'] as const;

/** A service that answers at some addresses; what it was asked. */
function service(at: Record<string, Partial<OcspWishes> | 'list' | 'page'>) {
  const asked: string[] = [];
  const nonces: string[] = [];
  const fetchStatus: FetchStatus = async ({ url, body }) => {
    asked.push(url);
    const answer = at[url];
    if (body) nonces.push(Buffer.from(body).toString('hex').slice(-64));
    if (answer === undefined) return undefined;
    if (answer === 'page') return Buffer.from('<html>');
    if (answer === 'list' || !body) return crl({ signer: authority });
    return ocspAnswer(Buffer.from(body), { signer: authority, responder: { name: authorityName }, ...answer });
  };
  return { asked, nonces, fetchStatus };
}

const look = (one: ReturnType<typeof issue>, source: Parameters<typeof refuseRevoked>[1]) =>
  refuseRevoked({ certificate: one, issuer }, source, () => nowMs).then(
    () => 'good',
    ({ reason }) => reason,
  );

describe('the places that are asked', () => {
  test.each([
    ['the next one where one is silent', [a, b], { [b]: {} }, [a, b], 'good'],
    ['no third one', [a, b, c], { [c]: {} }, [a, b], 'no-status'],
    ['nobody after an answer that is good', [a, b], { [a]: {}, [b]: {} }, [a], 'good'],
    ['nobody after one that is revoked', [a, b], { [a]: { status: 'revoked' }, [b]: {} }, [a], 'revoked'],
    ['nobody after one that cannot be read', [a, b], { [a]: 'page', [b]: {} }, [a], 'unreadable-status'],
    ['the next one where one says to try later', [a, b], { [a]: { responseStatus: 3 }, [b]: {} }, [a, b], 'good'],
  ] as const)('are %s', async (_, urls, at, asked, outcome) => {
    const source = service(at);
    expect(await look(issue(...profile, responders(...urls)), source)).toBe(outcome);
    expect(source.asked).toEqual(asked);
  });

  test('are the operator’s responder alone where there is one', async () => {
    const source = { ...service({ [a]: {}, [b]: { status: 'revoked' } }), ocspUrl: b };
    expect(await look(issue(...profile, responders(a)), source)).toBe('revoked');
    expect(source.asked).toEqual([b]);
  });

  test('are responders before lists, and no list behind a responder that is silent', async () => {
    const source = service({ [c]: 'list' });
    expect(await look(issue(...profile, responders(a), ext.crl(c)), source)).toBe('no-status');
    expect(source.asked).toEqual([a]);
  });

  test('are asked with a nonce of their own each time', async () => {
    const source = service({ [b]: {} });
    await look(issue(...profile, responders(a, b)), source);
    expect(new Set(source.nonces).size).toBe(2);
    expect(source.nonces).not.toContain('0'.repeat(64));
  });
});

test('a responder whose own certificate cannot be read is not believed, and the card is not blamed', async () => {
  const named = certificate({
    keys,
    signer: authority,
    version: 0,
    extensions: [ext.digitalSignature(), ext.purposes(ocspSigning), ext.noCheck()],
  });
  const source = service({ [a]: { signer: keys, responder: { keys }, certificates: [named] } });
  expect(await look(issue(...profile, responders(a)), source)).toBe('untrusted-status');
});

describe('the profile', () => {
  const seen = (kind: 'authentication' | 'signature', ...extensions: Wished) => {
    try {
      refuseUnless(kind, issue(...extensions));
      return 'fits';
    } catch (error) {
      return (error as { reason: string }).reason;
    }
  };
  const clients = '1.3.6.1.5.5.7.3.2';
  const { authentication, signature } = policies;

  test.each([
    ['authentication', [ext.digitalSignature(), ext.policy(signature, authentication)], 'wrong-policy'],
    ['authentication', [ext.digitalSignature(), ext.policy(authentication, authentication)], 'wrong-policy'],
    ['authentication', [...profile, ext.purposes(clients)], 'fits'],
    ['authentication', [...profile, ext.purposes(clients, ocspSigning)], 'wrong-key-usage'],
    ['signature', [ext.signatureAndNonRepudiation(), ext.policy(signature)], 'fits'],
    ['signature', [ext.signatureAndNonRepudiation(), ext.policy(signature), ext.purposes(clients)], 'wrong-key-usage'],
    ['signature', [ext.digitalSignature(), ext.policy(signature)], 'wrong-key-usage'],
  ] as const)('of %s (case %#)', (kind, extensions, outcome) => expect(seen(kind, ...extensions)).toBe(outcome));
});
