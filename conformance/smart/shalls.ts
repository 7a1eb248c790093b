// Every SHALL and SHALL NOT that SMART App Launch 2.2 has for servers, by its number in Inferno's list, with the tests that show
// it or the reason why none does. Tests are `file > names`, as vitest tells them. Data: ../shared/data/sharing/smart/*.csv

export type Shown = {
  /** In our own words; the page links to the text itself. */
  what: string;
  ids: readonly number[];
  tests: readonly string[];
};

export type NotShown = { why: string; ids: readonly number[] };

const launch = 'test/auth/app-launch.int.test.ts';
const answers = 'test/auth/smart-answers.int.test.ts';
const backend = 'test/auth/backend-services.int.test.ts';
const discovery = 'test/auth/discovery.int.test.ts';
const gaps = 'test/auth/library-gaps.int.test.ts';
const attacks = 'test/auth/jwt-attacks.int.test.ts';
const matrix = 'test/auth/matrix.int.test.ts';
const tokens = 'test/auth/tokens.int.test.ts';
const registration = 'test/auth/registration.int.test.ts';
const granular = 'test/auth/granular-scopes.int.test.ts';

const standalone = `${launch} > a standalone launch > ends in a token for one patient, which reads that patient`;
const opened = `${launch} > an EHR launch > gives the context of whoever opened it, once`;
const refused = `${launch} > a standalone launch > is refused with %s`;
const agreed = `${launch} > a standalone launch > gives what the person agreed to and no more`;
const identity = `${launch} > a standalone launch > gives an id_token that says who the user is, signed by the published key`;
const way = `${answers} > the way back to the app > carries a code and the state exactly as it was sent, at the registered address`;
const answer = `${answers} > the token answer > is JSON with what SMART requires, the token in characters of RFC 6750, the context beside it`;
const rights = `${answers} > the token answer > holds the token to the rights of the person behind it, whatever its scope says`;
const renewed = `${answers} > a refresh gives a new token, its lifetime and the scope of the first, and the id_token of a login stays the user’s`;
const rotated = `${launch} > a refresh token > is replaced at each use and keeps the context; fewer scopes may be asked for`;
const introspected = `${answers} > introspection > says activity, scope, client, end, context, issuer and subject as the token answer did`;
const context = `${gaps} > 3 and 4: the context and every granted scope are in the token answer and in introspection`;
const service = `${backend} > a backend service > gets a token for five minutes by its signed assertion, and calls with it`;
const part = `${backend} > a backend service > gets of what it asks for the part that it may have`;
const expired = `${tokens} > a token > that has expired is refused, also where it was known`;
const document = `${discovery} > SMART’s document has what SMART asks for`;
const absolute = `${discovery} > %s > names absolute addresses of this server, PKCE with a hash alone, no shared secrets`;
const json = `${discovery} > %s > answers JSON to Accept: %s`;
const scopeWorks = `${discovery} > scope %s works`;
const sets = `${answers} > the capabilities are whole sets: standalone and EHR launch, for patients and for clinicians`;
const forged = `${attacks} > a client assertion > is refused with %s`;
const approved = `${registration} > a service that registered gets a token only after it was approved`;
const kept = `${gaps} > 8: keys that a client keeps at an address > are fetched once while they may be kept, and a withdrawn one is good no longer than that`;
const unkept = `${gaps} > 8: keys that a client keeps at an address > are fetched each time where they may not be kept: a withdrawn key is refused at once`;
const vectors = `${matrix} > %s > %s`;
const v1 = `${launch} > a standalone launch > tells v1 words as they were asked`;

export const shown: readonly Shown[] = [
  {
    what: 'PKCE by a hash alone',
    ids: [14, 15, 31, 394],
    tests: [absolute, refused, `${launch} > the code > is worth nothing with %s`],
  },
  {
    what: 'pages of any origin may read the discovery documents and the CapabilityStatement',
    ids: [16],
    tests: [
      json,
      `${discovery} > %s > answers a preflight request`,
      `${discovery} > a page of another origin > may read the CapabilityStatement`,
    ],
  },
  {
    what: 'pages of registered origins may get tokens and call',
    ids: [17],
    tests: [
      `${discovery} > a page of another origin > that is registered may call, before and with a token`,
      `${discovery} > a page of another origin > gets a token answer only for a client of its origin`,
    ],
  },
  {
    what: 'the addresses of an app are registered, whole',
    ids: [18],
    tests: [`${launch} > a standalone launch > shows a page and sends nowhere with %s`],
  },
  { what: 'registration gives a client_id', ids: [24, 316], tests: [approved] },
  {
    what: 'the discovery document: JSON whatever is accepted, absolute addresses, what is required',
    ids: [30, 228, 372, 373, 374, 377, 378, 380],
    tests: [json, absolute, document],
  },
  {
    what: 'members of the discovery document',
    ids: [285, 286, 287, 288, 289, 381, 382, 383, 384, 385, 393],
    tests: [document, absolute, `${discovery} > every endpoint that is named answers`],
  },
  {
    what: 'authorization by GET and by POST',
    ids: [48, 49, 354],
    tests: [standalone, `${launch} > a standalone launch > may be asked for by POST`],
  },
  { what: 'the decision goes back to the app: a code, or an error', ids: [53, 56, 57], tests: [way] },
  {
    what: 'a refusal goes back to the app as an error',
    ids: [54],
    tests: [`${launch} > a standalone launch > is refused when the person refuses`, refused],
  },
  {
    what: 'state comes back exactly',
    ids: [59],
    tests: [way, `${answers} > the way back to the app > carries the state with an error too`],
  },
  {
    what: 'the token answer, or a refusal, in JSON',
    ids: [73, 84],
    tests: [answer, `${answers} > the token answer > is a refusal of RFC 6749 for a code that is none`],
  },
  { what: 'access_token, token_type, scope of the token answer', ids: [74, 75, 78, 85], tests: [answer, agreed] },
  { what: 'token answers are not kept by caches', ids: [86, 87], tests: [standalone, service] },
  {
    what: 'expires_in, and whether there is a refresh token',
    ids: [88, 89],
    tests: [standalone, `${launch} > a refresh token > is not given without being asked for`],
  },
  { what: 'an expired token is refused', ids: [77, 94, 265], tests: [expired] },
  { what: 'a call needs a scope that covers it', ids: [95, 266], tests: [vectors, service] },
  { what: 'aud is the FHIR base', ids: [96], tests: [refused] },
  {
    what: 'online access ends with the session, offline access goes on',
    ids: [100, 101, 365, 366],
    tests: [`${launch} > a refresh token > for online access ends with the session`, rotated],
  },
  {
    what: 'a refresh token is its client’s, and for no more than was granted',
    ids: [103, 104],
    tests: [`${launch} > a refresh token > asks for no more than was granted, and is its own client’s`],
  },
  { what: 'a refresh without scope is for the same scopes', ids: [109, 110, 111, 112, 113, 114], tests: [renewed] },
  { what: 'the scope of a refresh may be narrower than asked', ids: [115], tests: [rotated] },
  { what: 'scopes add no rights', ids: [119, 136, 140], tests: [rights, vectors] },
  {
    what: 'each entry of a batch or transaction is looked at',
    ids: [130],
    tests: [
      `${granular} > a granular scope > holds for each entry of a batch`,
      `${matrix} > no way around > a transaction with one entry too many is refused whole`,
    ],
  },
  { what: 'system scopes are for services', ids: [142, 240, 241, 250, 259], tests: [service, part] },
  { what: 'wildcards cover every type', ids: [144], tests: [vectors, scopeWorks] },
  {
    what: 'launch scopes bring their context; a patient scope brings a patient',
    ids: [149, 164, 168, 169, 170],
    tests: [
      answer,
      `${answers} > the token answer > gives a patient in context for any patient scope, asked for or not`,
      `${launch} > a standalone launch > takes no consent with %s`,
    ],
  },
  {
    what: 'encounter, fhirContext, banner, intent and tenant of the context',
    ids: [171, 172, 173, 174, 176, 177, 178, 359],
    tests: [answer, opened, context],
  },
  {
    what: 'identity: fhirUser is one resource, in an id_token that comes with the access token',
    ids: [197, 198, 200, 205, 209, 358],
    tests: [identity, `${answers} > the id_token > is not given without the scope openid`],
  },
  {
    what: 'keys are published bare, and id_tokens signed with RS256',
    ids: [207, 210],
    tests: [
      `${answers} > the id_token > is signed by RSA with SHA-256, with a published bare key, and names the user by an absolute URL`,
    ],
  },
  {
    what: 'what is open without a token is decided and written down',
    ids: [247],
    tests: [`${tokens} > without a valid token > metadata, health and nothing else is open`],
  },
  {
    what: 'a service gets a short token by its assertion, or the error of OAuth',
    ids: [249, 251, 253, 254, 255, 256, 258, 261],
    tests: [service, part, forged],
  },
  {
    what: 'introspection by RFC 7662, with what SMART adds',
    ids: [271, 272, 273, 274, 275, 276, 277, 278, 279],
    tests: [
      introspected,
      context,
      `${answers} > introspection > says of what is no token that it is not active, and nothing else`,
    ],
  },
  { what: 'keys are registered as a set or by its address', ids: [296, 297], tests: [approved, kept] },
  {
    what: 'assertions: signature, known client, one use, jku, exactly one key, invalid_client',
    ids: [310, 335, 336, 337, 338, 340, 357],
    tests: [
      `${attacks} > a client assertion > is accepted as it should be`,
      forged,
      `${attacks} > a client assertion > is good once`,
      `${attacks} > a client assertion > is refused where two keys fit`,
    ],
  },
  {
    what: 'key sets are fetched by GET and kept as long as the client says, no longer',
    ids: [339, 341, 342],
    tests: [kept, unkept],
  },
  {
    what: 'shared secrets are for nobody, services least of all',
    ids: [344],
    tests: [absolute, `${attacks} > a client assertion > does not come with a secret, and not twice`],
  },
  { what: 'whole sets of capabilities', ids: [348, 349, 350, 351], tests: [sets] },
  {
    what: 'EHR launch',
    ids: [352, 361, 362],
    tests: [opened, 'test/auth/launch-route.int.test.ts > gives a value for a patient that they see, for one app'],
  },
  { what: 'standalone launch, of public clients too', ids: [353, 355, 363, 364], tests: [standalone, answer] },
  {
    what: 'scopes of patients, users, version 1 and 2',
    ids: [367, 368, 369, 370],
    tests: [
      scopeWorks,
      v1,
      rights,
      `${gaps} > 1: granular scopes > come through the code and the refresh grant unchanged`,
    ],
  },
];

export const notShown: readonly NotShown[] = [
  {
    why: 'Not met, on purpose: an update that creates under an id of one’s own asks for the letter c beside u (mayChooseId).',
    ids: [123],
  },
  {
    why: 'Patient.link is not followed: each Patient is a record of its own, and rights are by Patient. There is nothing to describe.',
    ids: [139],
  },
  {
    why: 'Style parameters (context-style, experimental) are not offered, and smart_style_url is never sent.',
    ids: [175, 360],
  },
  { why: 'Roles in fhirContext come from whoever opens the launch; this server makes none of its own.', ids: [188] },
  { why: 'The meaning of an intent is agreed between an app and a deployment, not by software.', ids: [194] },
  {
    why: 'TLS ends at the proxy of a deployment, not in this server; tokens bound to client certificates are tested apart.',
    ids: [231],
  },
  {
    why: 'Introspection is for clients that sign an assertion; a bearer token does not open it. Not done.',
    ids: [282, 283],
  },
  {
    why: 'Registered key sets are rows of the database that only the command line changes; there is no call to corrupt them by.',
    ids: [305],
  },
  {
    why: 'Shared secrets (client-confidential-symmetric) are not offered, and the document does not list them.',
    ids: [356],
  },
  { why: 'SMART App State is not offered, and not listed.', ids: [371] },
  {
    why: 'User-access brands are published by networks of portals; this server names no bundle of them.',
    ids: [396, 398, 400, 402, 403, 405, 409, 410, 412, 417, 418, 419, 421, 423, 430, 431, 432, 436],
  },
];
