import { milliseconds, squareMilliseconds, times } from './figures.js';
import { html, type Html } from './html.js';

/** A figure that stands out at the head of a page. */
export function figureCard(label: string, figure: Html | string, detail: string): Html {
  return html`<div class="card">
    <dt>${label}</dt>
    <dd>${figure}<span class="detail">${detail}</span></dd>
  </div>`;
}

interface Spread {
  readonly spread: number;
  readonly varianceMs2: number;
}

/** How much steadier latency became, dense against calibrated. */
export interface Steadiness {
  readonly dense: Spread;
  readonly calibrated: Spread;
  /** Dense variance over calibrated variance; null where the latter is 0. */
  readonly varianceReduction: number | null;
}

/** Spread and variance, before and after. */
export function steadinessCards({ dense, calibrated, varianceReduction }: Steadiness): Html[] {
  const spreads = html`<span class="dense">${times(dense.spread)}</span> →
    <span class="calibrated">${times(calibrated.spread)}</span>`;
  const variances = `${squareMilliseconds(dense.varianceMs2)} → ${squareMilliseconds(calibrated.varianceMs2)} ms²`;
  return [
    figureCard('Spread of p50 latency (max/min)', spreads, 'dense → calibrated'),
    figureCard('Variance of p50 latency', varianceText(varianceReduction), variances),
  ];
}

function varianceText(reduction: number | null): string {
  if (reduction === null) return 'none left';
  return reduction >= 1 ? `${times(reduction)} less` : `${times(1 / reduction)} more`;
}

/** A median in milliseconds with its interval. */
export function medianWithInterval(of: {
  readonly p50Ms: number;
  readonly p50LowMs: number;
  readonly p50HighMs: number;
}): Html {
  const interval = `${milliseconds(of.p50LowMs)}–${milliseconds(of.p50HighMs)}`;
  return html`${milliseconds(of.p50Ms)} <small>${interval}</small>`;
}
