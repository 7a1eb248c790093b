// `npx tsumugi`: finds the sub-command and runs it. Each is a file of cli/.

import type { Command } from './cli/command.ts';

const commands: Record<string, () => Promise<Command>> = {
  start: async () => (await import('./cli/start.ts')).startCommand,
  worker: async () => (await import('./cli/worker.ts')).workerCommand,
  token: async () => (await import('./cli/token.ts')).tokenCommand,
  create: async () => (await import('./cli/create.ts')).createCommand,
  account: async () => (await import('./cli/account.ts')).accountCommand,
  recover: async () => (await import('./cli/recover.ts')).recoverCommand,
  approve: async () => (await import('./cli/approve.ts')).approveCommand,
  suspend: async () => (await import('./cli/suspend.ts')).suspendCommand,
  set: async () => (await import('./cli/set.ts')).setCommand,
  findings: async () => (await import('./cli/findings.ts')).findingsCommand,
  link: async () => (await import('./cli/link.ts')).linkCommand,
  import: async () => (await import('./cli/import.ts')).importCommand,
  connector: async () => (await import('./cli/connector.ts')).connectorCommand,
  deliveries: async () => (await import('./cli/deliveries.ts')).deliveriesCommand,
  replay: async () => (await import('./cli/replay.ts')).replayCommand,
  load: async () => (await import('./cli/load.ts')).loadCommand,
  export: async () => (await import('./cli/export.ts')).exportCommand,
  verify: async () => (await import('./cli/verify.ts')).verifyCommand,
  backup: async () => (await import('./cli/backup.ts')).backupCommand,
  'backup-key': async () => (await import('./cli/backup-key.ts')).backupKeyCommand,
  restore: async () => (await import('./cli/restore.ts')).restoreCommand,
  audit: async () => (await import('./cli/audit.ts')).auditCommand,
  forecast: async () => (await import('./cli/forecast.ts')).forecastCommand,
  schedule: async () => (await import('./cli/schedule.ts')).scheduleCommand,
  config: async () => (await import('./cli/config.ts')).configCommand,
};

const out = {
  line: (text: string) => process.stdout.write(`${text}\n`),
  error: (text: string) => process.stderr.write(`${text}\n`),
};

// `tsumugi config | head` closes the pipe early; that is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await run(process.argv.slice(2));

async function run([name = '--help', ...args]: string[]): Promise<number> {
  if (name === '--help' || name === 'help') {
    out.line('usage: tsumugi COMMAND [--help]\n');
    for (const load of Object.values(commands)) {
      const { name: command, summary } = await load();
      out.line(`  ${command.padEnd(10)} ${summary}`);
    }
    return 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    out.error(`tsumugi: there is no command "${name}". Commands: ${Object.keys(commands).join(', ')}`);
    return 2;
  }
  const command = await load();
  if (args.includes('--help')) {
    out.line(`usage: ${command.usage}\n\n${command.summary}`);
    return 0;
  }
  try {
    return await command.run(args, out);
  } catch (error) {
    if (!(error instanceof Error) || !('isForPeople' in error || isUsageError(error))) throw error;
    out.error(`tsumugi ${name}: ${error.message}`);
    return 2;
  }
}

/** What util.parseArgs throws for options that the command does not have. */
function isUsageError(error: Error): boolean {
  return 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
