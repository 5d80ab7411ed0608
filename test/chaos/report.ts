import os from 'node:os';
import { killsIn, type ChaosReport } from './chaos-run.js';

/** The report as a page of Markdown. */
export function chaosMarkdown(
  command: string,
  { disturbances, jobs, violations, seconds }: ChaosReport,
): string {
  const counts = new Map<string, number>();
  for (const each of disturbances) {
    const kind = each.replace(/-\d+/, '').replace(/ for \d+ s/, '');
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const cpu = os.cpus()[0]?.model ?? 'an unknown CPU';
  const attempts = jobs.reduce((sum, job) => sum + job.attempts, 0);
  const lines = [
    `\`${command}\`, ${os.availableParallelism()} CPUs of ${cpu}, node ${process.version}, ${seconds.toFixed(0)} s:`,
    '',
    `${jobs.length} jobs, ${attempts} attempts of their stages, ${disturbances.length} disturbances, ${killsIn(disturbances)} of them ` +
      `kills, **${violations.length} violations**.`,
    '',
    '| what was done | times |',
    '| --- | --- |',
    ...[...counts].sort().map(([kind, times]) => `| ${kind} | ${times} |`),
    ...(violations.length === 0 ? [] : ['', 'Violated:', '', ...violations.map((text) => `- ${text}`)]),
  ];
  return lines.join('\n') + '\n';
}
