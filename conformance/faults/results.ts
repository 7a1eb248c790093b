// The page of results: one section a command, so that samples of several parts of the planner stand beside each other.

const HEAD =
  '# Seeded faults\n\nWritten by the commands below; faults that change no answer are listed in equivalent.md.\n';

/** The page with the run's section put in place of an older one of the same command, or at the end. */
export function withRun(page: string, command: string, [summary = '', ...survivors]: readonly string[]): string {
  const list = survivors.length === 0 ? '' : `\n${survivors.map((line) => `- ${line}`).join('\n')}\n`;
  const section = `## \`${command}\`\n\n${summary}.\n${list}`;
  const title = section.slice(0, section.indexOf('\n'));
  const sections = page
    .split(/^(?=## )/m)
    .slice(1)
    .map((one) => `${one.trimEnd()}\n`);
  const at = sections.findIndex((one) => one.startsWith(`${title}\n`));
  if (at < 0) sections.push(section);
  else sections[at] = section;
  return [HEAD, ...sections].join('\n');
}
