// `tsumugi replay`: maps originals anew that were handed in before, with the mappings of today.

import { parseArgs } from 'node:util';
import { createDeliver } from '../../connectors/deliver.ts';
import { deliveredTo, deliveredWithOriginal } from '../../connectors/delivered.ts';
import { newTally } from '../../connectors/import-original.ts';
import { mappingOfJahis } from '../../connectors/jahis/original.ts';
import { replay } from '../../connectors/replay.ts';
import { type Command, CommandError } from './command.ts';
import { connect } from './connect.ts';
import { fateOf } from './deliveries.ts';
import { institutionIn, tallyText } from './flags.ts';

export const replayCommand: Command = {
  name: 'replay',
  summary: 'Map what was handed in before anew, and hand it in again under the same delivery.',
  usage: `tsumugi replay [--client NAME] [--delivery ID | --fate stored|waiting|refused | --review] [--institution NUMBER]
  [--server URL] [--token TOKEN]

  --client is the connector whose deliveries they are (mllp: the HL7 listener of the server). Without --delivery, --fate or --review
  what was refused is done again. Doing it twice changes nothing. The last line is "N stored, M waiting, K refused".`,
  async run(args, out) {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({
      args,
      options: {
        client: text,
        delivery: text,
        fate: text,
        review: { type: 'boolean', default: false },
        institution: text,
        server: text,
        token: text,
      },
    });
    const { delivery, fate, review } = values;
    const institution = institutionIn(values.institution);
    if ([delivery, fate, review || undefined].filter((one) => one !== undefined).length > 1)
      throw new CommandError('give one of --delivery, --fate and --review');
    const server = await connect(values);
    const deliver = createDeliver(server);
    const wanted = { fate: review ? undefined : (fateOf(fate) ?? 'refused'), review };
    // All of them first: what is done again leaves the list.
    const ids =
      delivery === undefined ? (await Array.fromAsync(deliveredTo(server, wanted))).map(({ id }) => id) : [delivery];
    const tally = newTally();
    let left = 0;
    for (const id of ids) {
      const receipt = await replay(await deliveredWithOriginal(server, id), {
        deliver,
        institution,
        channels: [mappingOfJahis],
      });
      if (receipt) tally[receipt.fate] += 1;
      else left += 1;
      const reason = receipt?.reason ? `: ${receipt.reason}` : '';
      out.line(
        receipt ? `${id}: ${receipt.fate}${reason}` : `${id}: left, its format is not mapped from its bytes alone`,
      );
    }
    if (left > 0) out.line(`${left} left as they were`);
    out.line(tallyText(tally));
    return tally.refused > 0 ? 1 : 0;
  },
};
