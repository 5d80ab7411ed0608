import type { PulledPoint, PullResult } from './pull.js';

/** What a pull has changed, for people. */
export function describePull(result: PullResult): string {
  const { model, version, alias, changed, downloadedBytes, points } = result;
  const name = `${model} version ${version}${alias === undefined ? '' : ` (${alias})`}`;
  if (!changed) return `${name}: nothing has changed\n`;
  const news = [...newsOf(result), `${downloadedBytes} bytes came`].join(', ');
  return [`${name}: ${news}`, ...points.map(describePoint), ''].join('\n');
}

function newsOf({ newBundle, newAddenda }: PullResult): string[] {
  const count = newAddenda.length;
  const news = [
    ...(newBundle === undefined ? [] : [`new bundle ${newBundle.slice(0, 12)}`]),
    ...(count === 0 ? [] : [count === 1 ? 'one new addendum' : `${count} new addenda`]),
  ];
  return news.length > 0 ? news : ['another deployment of the same files'];
}

function describePoint({ name, ratio, ratioBefore }: PulledPoint): string {
  const was = ratioBefore === undefined || ratioBefore === ratio ? '' : ` (was ${ratioBefore})`;
  return `  ${name}: ratio ${ratio}${was}`;
}
