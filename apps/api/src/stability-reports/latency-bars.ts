import type { ReportedLatency, ReportedPoint, StabilityReport } from '#contracts';
import { html, milliseconds, times, type Html } from '#pages';

/** Dense against calibrated p50 at every operating point, with intervals and the target: bars that fit any width. */
export function latencyBars(report: StabilityReport): Html {
  const { points, targetMs, stability } = report;
  const tolerance = report.mode === 'deadline' ? 0 : report.tolerance;
  const all = points.flatMap(({ dense, calibrated }) => [dense.p50HighMs, calibrated.p50HighMs]);
  const longestMs = Math.max(targetMs * (1 + tolerance), ...all) * 1.02;
  const place = (ms: number) => `${((ms / longestMs) * 100).toFixed(2)}%`;
  const description =
    `Bars of the p50 latency at ${points.length} operating points. Dense varies by ${times(stability.dense.spread)} ` +
    `(largest over smallest), calibrated by ${times(stability.calibrated.spread)}; the target is ` +
    `${milliseconds(targetMs)} ms. The table below has the figures.`;
  const band = `left:${place(targetMs * (1 - tolerance))};width:${place(2 * targetMs * tolerance)}`;
  const target = html`<div class="band" style="${band}"></div>
    <div class="target" style="left:${place(targetMs)}"></div>`;
  return html`<ul class="legend" aria-hidden="true">
      <li><i class="of-dense"></i>dense</li>
      <li><i class="of-calibrated"></i>calibrated</li>
      <li>
        <i class="of-target"></i>target ${milliseconds(targetMs)}
        ms${tolerance === 0 ? '' : ', and its tolerance'}
      </li>
    </ul>
    <div class="bars" role="img" aria-label="${description}">
      ${points.map((point) => row(point, target, place))}
      <div class="row">
        <span></span>
        <div class="axis"><span>0</span><span>${milliseconds(longestMs)} ms</span></div>
      </div>
    </div>`;
}

type Place = (ms: number) => string;

function row({ operatingPoint, dense, calibrated }: ReportedPoint, target: Html, place: Place): Html {
  return html`<div class="row">
    <span class="name">${operatingPoint}</span>
    <div class="track">
      ${target} ${bar('of-dense', dense, place)} ${bar('of-calibrated', calibrated, place)}
    </div>
  </div>`;
}

/** The bar ends at the median; the whisker, in shares of the bar, is the interval of it. */
function bar(kind: string, { p50Ms, p50LowMs, p50HighMs }: ReportedLatency, place: Place): Html {
  const share = (ms: number) => `${((ms / p50Ms) * 100).toFixed(2)}%`;
  const whisker = `left:${share(p50LowMs)};width:${share(p50HighMs - p50LowMs)}`;
  return html`<div class="bar ${kind}" style="width:${place(p50Ms)}">
    <span class="whisker" style="${whisker}"></span>
  </div>`;
}
