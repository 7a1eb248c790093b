// Whom a revocation is asked of: addresses that certificates name are out in the world, the operator's own may stand anywhere.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createFetchStatus } from '../../../server/login/jpki/fetch-status.ts';
import { checkedUrl } from '../../../server/outgoing/guarded-fetch.ts';
import { type StatusServer, startStatusServer } from './status-server.ts';

let service: StatusServer;
beforeAll(async () => {
  service = await startStatusServer();
  service.answerWith(() => Buffer.from('status'));
});
afterAll(() => service.close());
beforeEach(() => void service.asked.splice(0));

const ask = { accept: 'application/ocsp-response', maxBytes: 100 };

describe('an address', () => {
  test('of the operator is asked wherever it is, and no other beside it', async () => {
    const fetchStatus = createFetchStatus({ ownUrl: service.ocspUrl });
    const body = Buffer.from('question');
    const answer = await fetchStatus({ ...ask, url: service.ocspUrl, body, contentType: 'application/ocsp-request' });
    expect(String(answer)).toBe('status');
    expect(service.asked).toEqual([{ method: 'POST', url: '/ocsp', contentType: 'application/ocsp-request', body }]);
    expect(await fetchStatus({ ...ask, url: service.crlUrl })).toBeUndefined();
    expect(service.asked).toHaveLength(1);
  });

  test.each(['http://127.0.0.1/', 'http://localhost/', 'http://169.254.169.254/latest', 'http://[::1]/', 'http://db/'])(
    '%s in a certificate is not asked',
    async (url) => {
      expect(await createFetchStatus()({ ...ask, url })).toBeUndefined();
      expect(() => checkedUrl(url, { isPlainFine: true })).toThrow('not out in the world');
    },
  );

  test('longer than was asked for is no answer', async () => {
    const fetchStatus = createFetchStatus({ ownUrl: service.crlUrl });
    expect(await fetchStatus({ ...ask, url: service.crlUrl, maxBytes: 5 })).toBeUndefined();
    expect(String(await fetchStatus({ ...ask, url: service.crlUrl, maxBytes: 6 }))).toBe('status');
  });

  test.each([
    ['http://crl.jpki.go.jp/list', true],
    ['http://crl.jpki.go.jp:8080/list', true],
    ['https://crl.jpki.go.jp/list', true],
    ['http://crl.jpki.go.jp:443/list', false],
    ['https://crl.jpki.go.jp:80/list', false],
    ['http://crl.jpki.go.jp:22/', false],
    ['http:crl.jpki.go.jp', false],
    ['ldap://crl.jpki.go.jp/list', false],
    ['http://user:word@crl.jpki.go.jp/list', false],
  ])('%s may be called: %s', (url, may) => {
    const check = () => checkedUrl(url, { isPlainFine: true });
    if (may) expect(check().host).toContain('crl.jpki.go.jp');
    else expect(check).toThrow();
  });

  test('without TLS is called by nobody who does not say that it will do', () => {
    expect(() => checkedUrl('http://crl.jpki.go.jp/list')).toThrow('not an https URL');
  });
});
