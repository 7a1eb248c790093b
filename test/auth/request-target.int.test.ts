// A request may name its server in its first line (RFC 9112, 3.2.2). The authorization server goes by the settings whatever it says.
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';

let t: TestApp;
beforeAll(async () => {
  t = await startApp({ listens: true });
});
afterAll(() => t.close());

function answerTo(method: string, target: string, form = ''): Promise<string> {
  const type = 'Content-Type: application/x-www-form-urlencoded';
  const head = `${method} ${target} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n${type}`;
  return new Promise((fulfil, reject) => {
    let text = '';
    const socket = connect(Number(new URL(t.base).port), '127.0.0.1');
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    socket.on('close', () => fulfil(text)).on('error', reject);
    socket.write(`${head}\r\nContent-Length: ${form.length}\r\n\r\n${form}`);
  });
}

test.each([
  ['a request of an app', 'POST', '/oauth/auth', 'client_id=x'],
  ['a sign-out', 'GET', '/oauth/session/end', ''],
])('%s to another server leads nowhere else', async (_what, method, path, form) => {
  const answer = await answerTo(method, `http://evil.example${path}`, form);
  expect(answer).toContain(path);
  expect(answer).not.toContain('evil');
});
