import fs from 'node:fs';

export interface RunningProcess {
  readonly pid: number;
  readonly command: string;
}

/** Running processes with `text`, such as a folder of theirs, in their command line or environment, but for this one. */
export function processesWith(text: string): RunningProcess[] {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => `${ofProcess(pid, 'cmdline')}\0${ofProcess(pid, 'environ')}`.includes(text))
    .filter((pid) => !/^State:\s+Z/m.test(ofProcess(pid, 'status')))
    .map((pid) => ({ pid: Number(pid), command: ofProcess(pid, 'cmdline').replaceAll('\0', ' ').trim() }));
}

function ofProcess(pid: string, file: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return ''; // it has just ended
  }
}
