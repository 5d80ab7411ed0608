import type { SampleProvenance } from '#contracts';
import { html, type Html, percent } from '#pages';
import type { MeasuredTableCell } from './report.schema.js';

/** Whether the device slowed itself down or changed while a cell was measured, as far as that is known. */
export function disturbance({ throttled, drift }: SampleProvenance): Html {
  const found = [
    ...(throttled === true ? ['throttled'] : []),
    ...(drift === undefined ? [] : [`drifted ${signedPercent(drift)}`]),
  ];
  if (found.length > 0) return html`<span class="bad">${found.join(', ')}</span>`;
  return html`${throttled === undefined ? 'throttling unknown' : 'none'}`;
}

/** Before and after, in degrees Celsius; a dash for what is not known. */
export function temperature({ temperatureBeforeC, temperatureAfterC }: SampleProvenance): string {
  const degrees = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(1));
  if (temperatureBeforeC === undefined && temperatureAfterC === undefined) return '–';
  return `${degrees(temperatureBeforeC)} → ${degrees(temperatureAfterC)}`;
}

/** How many cells were disturbed. */
export function disturbances(cells: readonly MeasuredTableCell[]): Html | string {
  const count = (is: (provenance: SampleProvenance) => boolean) =>
    cells.filter(({ provenance }) => is(provenance)).length;
  const throttled = count((p) => p.throttled === true);
  const drifted = count((p) => p.drift !== undefined);
  const unknown = count((p) => p.throttled === undefined);
  const silent = unknown > 0 ? `; of ${unknown} the device does not say whether it throttled` : '';
  const text = `${throttled} of ${cells.length} cells measured while the device throttled, ${drifted} after it had drifted${silent}`;
  return throttled + drifted > 0 ? html`<span class="bad">${text}</span>` : text;
}

function signedPercent(share: number): string {
  return `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
}
