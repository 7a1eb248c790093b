// Passkeys in the browser: Web Authentication Level 3, by the JSON calls under /login/api. Pages work without this script but for
// passkeys, whose parts stay hidden where the browser has none.

const hasPasskeys = typeof window.PublicKeyCredential?.parseCreationOptionsFromJSON === 'function';
const logInPart = document.querySelector('[data-passkey-log-in]');
const makePart = document.querySelector('[data-passkey-make]');

if (hasPasskeys && logInPart) offerLogIn(logInPart);
if (hasPasskeys && makePart) offerMaking(makePart);

function offerLogIn(part) {
  part.hidden = false;
  let waiting = new AbortController();
  part.querySelector('button').addEventListener('click', () => {
    waiting.abort();
    waiting = new AbortController();
    trying(part, () => logIn(part, { signal: waiting.signal }));
  });
  // Passkeys among what the browser fills in; nobody has asked, so that nothing is said when it comes to nothing.
  PublicKeyCredential.isConditionalMediationAvailable?.().then((isThere) => {
    if (isThere) logIn(part, { mediation: 'conditional', signal: waiting.signal }).catch(() => undefined);
  });
}

async function logIn(part, how) {
  const { options } = await call('passkey-options', {});
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const credential = await navigator.credentials.get({ publicKey, ...how });
  await call('passkey', { response: credential.toJSON() });
  location.assign(part.dataset.next);
}

function offerMaking(part) {
  part.hidden = false;
  for (const other of document.querySelectorAll('[data-without-passkeys]')) other.hidden = true;
  const { csrf, next } = part.dataset;
  part.querySelector('button').addEventListener('click', () =>
    trying(part, async () => {
      const { options } = await call('own/passkey-options', {}, csrf);
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
      const credential = await navigator.credentials.create({ publicKey });
      const name = part.querySelector('input').value;
      await call('own/passkey', { response: credential.toJSON(), name }, csrf);
      location.assign(next);
    }),
  );
}

/** Says in its part of the page when it comes to nothing. */
async function trying(part, act) {
  const fault = part.querySelector('[role=alert]');
  const button = part.querySelector('button');
  fault.hidden = true;
  button.disabled = true;
  try {
    await act();
  } catch {
    fault.hidden = false;
    button.disabled = false;
    button.focus();
  }
}

async function call(path, body, csrf = '') {
  const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf };
  const answer = await fetch(`/login/api/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}
