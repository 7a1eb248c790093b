// tsumugi connector myna: one visit to MyNa Portal for one person, on the machine that their browser runs on. Prints the address to
// open, waits for the answer on loopback, and hands over what the person agreed to. The portal gives an answer out once, so that
// it should have a local store to go to when the server is away.

import { parseArgs } from 'node:util';
import { type Deliver, type DeliverAll, DeliveryFailed } from '../../connectors/deliver.ts';
import { importPortal } from '../../connectors/myna-portal/import-portal.ts';
import { createPortalCall } from '../../connectors/myna-portal/portal-call.ts';
import { createPortalClient } from '../../connectors/myna-portal/portal-client.ts';
import { type PortalSettings, readPortalSettings } from '../../connectors/myna-portal/portal-settings.ts';
import { receiveCode } from '../../connectors/myna-portal/receive-code.ts';
import { type Command, CommandError, type Output } from './command.ts';
import { deliveryFlags, deliveryUsage, openDelivery } from './connector-delivery.ts';
import { patientIn, tallyText, textOf } from './flags.ts';

const text = { type: 'string' } as const;

export const connectorMyna: Pick<Command, 'usage' | 'run'> = {
  usage: `tsumugi connector myna --settings FILE --patient ID [--mother ID] [--linkage FILE]
         ${deliveryUsage}
         Fetches vaccinations and check-ups of one person from MyNa Portal. --settings holds what the Digital Agency gave to
         the partner; --linkage remembers the consent for 90 days. What the API is taken to be: portal-facts.json.`,
  async run(args, out) {
    const options = { ...deliveryFlags, settings: text, patient: text, mother: text, linkage: text } as const;
    const { values } = parseArgs({ args, options });
    const { linkage, mother } = values;
    const patient = patientIn('--patient', values.patient);
    if (!patient) throw new CommandError('--patient names the record that the information goes to');
    const other = patientIn('--mother', mother);
    if (values.settings === undefined) throw new CommandError('--settings takes a file');
    const settings = readPortalSettings(await textOf(values.settings));
    const delivery = await openDelivery(values, out);
    const { call, close } = createPortalCall(await tlsOf(settings));
    try {
      const tally = await importPortal({
        client: createPortalClient({ settings, call, nowMs: Date.now, sleep }),
        settings,
        patient,
        ...(other && { mother: other }),
        deliver: oneOf(delivery.deliverAll),
        consent: (authorization) => consent(settings, authorization, out),
        ...(linkage !== undefined && { linkageFile: linkage }),
        nowMs: Date.now,
        progress: (line) => out.line(line),
      });
      out.line(tallyText(tally));
      return tally.refused > 0 ? 1 : 0;
    } finally {
      close();
      await delivery.close();
    }
  },
};

const oneOf =
  (deliverAll: DeliverAll): Deliver =>
  async (delivery) => {
    const [receipt] = await deliverAll([delivery]);
    if (!receipt) throw new DeliveryFailed('The server did not say what became of the delivery.', undefined);
    return receipt;
  };

/** Listens before it prints: the person may be quick. */
async function consent(
  settings: PortalSettings,
  { url, state }: { url: string; state: string },
  out: Output,
): Promise<string> {
  const receiver = await receiveCode(settings);
  try {
    const code = receiver.code(state);
    out.line(`Open this address in a browser on this machine and agree: ${url}`);
    return await code;
  } finally {
    await receiver.close();
  }
}

async function tlsOf({
  certificate,
  key,
  ca,
}: PortalSettings): Promise<{ cert: string; key: string; ca: string | undefined }> {
  return {
    cert: await textOf(certificate),
    key: await textOf(key),
    ca: ca === undefined ? undefined : await textOf(ca),
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
