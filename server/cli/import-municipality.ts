// `tsumugi import FILE --format municipality`: a municipal CSV file, shown first with --preview, with a report by row.

import { createReadStream } from 'node:fs';
import { open as openHandle, stat } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { createDeliverAll, DeliveryFailed } from '../../connectors/deliver.ts';
import { createEmptied } from '../../connectors/municipality/emptied-cells.ts';
import { importLedger } from '../../connectors/municipality/import-ledger.ts';
import { digestOf } from '../../connectors/municipality/ledger-file.ts';
import { createLookUp, createLookUpIds } from '../../connectors/municipality/look-up.ts';
import { previewLedger } from '../../connectors/municipality/preview-ledger.ts';
import { createRegister } from '../../connectors/municipality/register-births.ts';
import { type ReportLine, reportHead, reportLine } from '../../connectors/municipality/report.ts';
import { ledgerKinds } from '../../mappings/municipality/kinds.ts';
import { rowContentType } from '../../mappings/municipality/original.ts';
import { instantOf } from '../../mappings/municipality/row-values.ts';
import { UnreadableInput } from '../../mappings/record.ts';
import { CommandError, type Output } from './command.ts';
import { connect } from './connect.ts';
import type { ImportFormat } from './import-call.ts';

export const municipalityFormat: ImportFormat = {
  usage: `tsumugi import FILE --format municipality --kind ${Object.keys(ledgerKinds).join('|')} --system URI
  [--organization ID] [--municipality CODE] [--made TIME] [--preview] [--report FILE]

  --system        the identifier system of the numbers by which the rows name people; names are never used
  --organization  for births: the Organization of the municipality, to which the children's numbers are linked
  --municipality  the 6-digit code, where the rows do not have it
  --made          when the file was made, where the rows do not say when they were changed
  --preview       says what would happen to each row, and changes nothing
  --report        a CSV file with a line for each row that something is to be said of`,
  read(args) {
    const call = readCall(args);
    return (out) => importMunicipality(call, out);
  },
};

const MOST_SHOWN = 20;

async function importMunicipality(call: ReturnType<typeof readCall>, out: Output): Promise<number> {
  const { path, kind, kindName, system, municipality, made, organization, preview, server, token } = call;
  if (!(await stat(path).catch(() => undefined))?.isFile()) {
    out.error(`${path}: is no file that can be read`);
    return 2;
  }
  const report = await openReport(call.report, out).catch(() => undefined);
  if (!report) {
    out.error(`${call.report}: cannot be written`);
    return 2;
  }
  const open = () => createReadStream(path);
  const mapper = kind({ system, municipalityCode: municipality, madeAt: made, fileDigest: await digestOf(open) });
  const access = await connect({ ...(server && { server }), ...(token && { token }) });
  let counts: Record<string, number> | undefined;
  try {
    const lookUp = createLookUp(access);
    const asked = { open, mapper, report: report.add };
    const register = organization && createRegister({ ...access, organization, lookUp });
    const emptied = createEmptied({ lookUp, lookUpIds: createLookUpIds(access) });
    counts = preview
      ? await previewLedger({ ...asked, lookUp })
      : await importLedger({
          ...{ ...asked, deliverAll: createDeliverAll(access), contentType: rowContentType(kindName, municipality) },
          ...(register && { register }),
          ...(kindName === 'checkups' && { emptied }),
        });
  } catch (error) {
    if (!(error instanceof DeliveryFailed || error instanceof UnreadableInput)) throw error;
    out.error(error.message);
  } finally {
    await report.close(mapper.unknownHeadings().length);
  }
  if (counts === undefined) return 1;
  out.line(
    Object.entries(counts)
      .map(([fate, rows]) => `${rows} ${fate}`)
      .join(', '),
  );
  return counts.refused === 0 ? 0 : 1;
}

/** Lines go to the file as they come; without one the first of them are shown. */
async function openReport(path: string | undefined, out: Output) {
  const handle = path === undefined ? undefined : await openHandle(path, 'w');
  let held = handle ? reportHead() : '';
  let lines = 0;
  let writing: Promise<unknown> = Promise.resolve();
  const flush = () => {
    const text = held;
    held = '';
    if (handle) writing = writing.then(() => handle.write(text));
  };
  return {
    add: (line: ReportLine) => {
      lines += 1;
      const { row, fate, column, ja, en } = line;
      if (handle) held += reportLine(line);
      else if (lines <= MOST_SHOWN) out.line(`row ${row}: ${fate}: ${column && `${column}: `}${ja} ${en}`);
      if (held.length > 65_536) flush();
    },
    close: async (unknown: number) => {
      if (handle === undefined && lines > MOST_SHOWN)
        out.line(`and ${lines - MOST_SHOWN} more lines; --report FILE takes them all`);
      if (unknown > 0) out.line(`columns that are not of this layout and stay in the original alone: ${unknown}`);
      flush();
      await writing;
      await handle?.close();
    },
  };
}

function readCall(args: string[]) {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      ...{ format: text, kind: text, system: text, municipality: text, made: text, report: text },
      ...{ organization: text, server: text, token: text, preview: { type: 'boolean' } as const },
    },
  });
  const { kind: kindName = '', system = '', municipality, made: madeText, organization, preview = false } = values;
  const [path, ...more] = positionals;
  if (!path || more.length > 0) throw new CommandError('name one FILE');
  const kind = Object.hasOwn(ledgerKinds, kindName) ? ledgerKinds[kindName] : undefined;
  if (!kind) throw new CommandError(`--kind must be one of ${Object.keys(ledgerKinds).join(', ')}`);
  if (!/^[a-z][a-z0-9+.-]*:[^\s|]+$/i.test(system))
    throw new CommandError('--system must be the URI of the numbers in the file');
  if (municipality !== undefined && !/^\d{6}$/.test(municipality))
    throw new CommandError('--municipality must be the 6-digit code');
  if ((kindName === 'births') !== (organization !== undefined))
    throw new CommandError(
      'births, and they alone, need --organization, the id of the municipality that registers them',
    );
  const made = madeText === undefined ? undefined : instantOf(madeText);
  if (madeText !== undefined && made === undefined) throw new CommandError('--made must be a day, or a day and a time');
  const { report, server, token } = values;
  return { path, kind, kindName, system, municipality, made, report, organization, server, token, preview };
}
