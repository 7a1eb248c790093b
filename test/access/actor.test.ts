// Who acted, as one text: what was printed is read again, and no name of a client reads as a user.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Actor, actorOf, actorText } from '../../server/access/actor.ts';

test.each<[text: string, actor: Actor]>([
  ['app1', { client: 'app1' }],
  ['app1 Person/ab', { client: 'app1', user: 'Person/ab' }],
  ['app1 Person/ab - PATRQT', { client: 'app1', user: 'Person/ab', purpose: 'PATRQT' }],
  ['clinic - Organization/o7 TREAT', { client: 'clinic', organization: 'Organization/o7', purpose: 'TREAT' }],
  ['app%201 Practitioner/p - BTG', { client: 'app 1', user: 'Practitioner/p', purpose: 'BTG' }],
  ['system:take-in', { client: 'system:take-in' }],
])('%s', (text, actor) => {
  expect(actorOf(text)).toEqual(actor);
  expect(actorText(actor)).toBe(text);
});

test.each(['my old app', 'app  Person/ab', 'app Patient/ab', 'app Person/ab - TREAT more', '100%', ''])(
  'a text of no form of ours is a name: %s',
  (text) => expect(actorOf(text)).toEqual({ client: text }),
);

test('whatever is printed is read again', () => {
  const id = fc.stringMatching(/^[A-Za-z0-9\-.]{1,64}$/);
  const optional = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
  const actor = fc.record({
    client: fc.string({ minLength: 1, unit: 'grapheme' }),
    user: optional(fc.tuple(fc.constantFrom('Person', 'Practitioner'), id).map((words) => words.join('/'))),
    organization: optional(id.map((one) => `Organization/${one}`)),
    purpose: optional(fc.constantFrom('TREAT', 'BTG', 'PATRQT')),
  });
  fc.assert(
    fc.property(actor, (one) => {
      const there = Object.fromEntries(Object.entries(one).filter(([, word]) => word !== undefined));
      expect(actorOf(actorText(one))).toEqual(there);
    }),
  );
});
