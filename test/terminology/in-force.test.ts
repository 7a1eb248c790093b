// What a process answers from, as packages come and go.
import { expect, test } from 'vitest';
import { definitionsOf } from '../../server/definitions/definitions.ts';
import { answerFrom, terminologyInForce } from '../../server/terminology/in-force.ts';

test('what is compiled is kept until the source gives other definitions', () => {
  const codeSystem = (code: string) =>
    definitionsOf([{ resourceType: 'CodeSystem', url: 'urn:changing', content: 'complete', concept: [{ code }] }]);
  let definitions = codeSystem('old');
  const undo = answerFrom({ definitions: () => definitions, large: undefined });
  const before = terminologyInForce();
  expect(terminologyInForce()).toBe(before);
  definitions = codeSystem('new');
  const check = (code: string) =>
    terminologyInForce().terminology.inCodeSystem({ system: 'urn:changing', code }).result;
  expect([check('old'), check('new')]).toEqual([false, true]);
  undo();
  expect(check('new')).toBeUndefined();
});
