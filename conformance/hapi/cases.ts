// What both validators are asked about: valid samples and broken ones, the same for the same seed.
import type { JsonObject } from '../../server/fhir/json.ts';
import { mutations } from './mutations.ts';
import { chanceFrom, sample } from './samples.ts';

/** `kind` is how it was broken, or `valid`. */
export type Case = { kind: string; resource: JsonObject };

/** One in five is left as it is; of the others every kind comes about as often. */
export function casesOf(count: number, seed: number): Case[] {
  const chance = chanceFrom(seed);
  return Array.from({ length: count }, (_, n) => {
    if (n % 5 === 0) return { kind: 'valid', resource: sample(chance) };
    const { kind, apply } = mutations[(n - Math.ceil(n / 5)) % mutations.length] ?? mutations[0];
    for (;;) {
      const resource = sample(chance);
      if (apply(resource, chance)) return { kind, resource };
    }
  });
}
