import type { StabilityReport } from '#contracts';
import {
  Html,
  html,
  megabytes,
  milliseconds,
  percent,
  STYLES,
  figureCard,
  percentRange,
  steadinessCards,
} from '#pages';
import { ENVELOPE_SLOT } from '#registry';
import { latencyBars } from './latency-bars.js';
import { CHART_STYLES } from './page-styles.js';
import { measurementTable, pointTable } from './report-tables.js';

/** Says to browsers what the header says while the page is served: nothing runs, nothing is fetched. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/**
 * A stability report as one self-contained page: no script, nothing fetched, with room for the envelope. The same report
 * gives the same page, byte for byte: its digest is signed.
 */
export function stabilityPage(report: StabilityReport, keyId: string): string {
  const title = `${report.model} version ${report.version} on ${report.device.name}: stability report`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <title>${title}</title>
        <style>
          ${new Html(STYLES + CHART_STYLES)}
        </style>
      </head>
      <body>
        ${headline(report)}
        <main>${latencySection(report)} ${evidenceSection(report)} ${checkSection(report, keyId)}</main>
        <footer>
          Isochron stability report. The signed figures are in this page: its source has them as JSON.
        </footer>
        ${new Html(ENVELOPE_SLOT)}
      </body>
    </html> `.text;
}

function headline(report: StabilityReport): Html {
  const { model, version, device, points, targetMs, stability, bundle } = report;
  const held = points.filter(({ withinTolerance }) => withinTolerance).length;
  const steadier = held === points.length ? 'Latency stays' : 'Latency became steadier';
  const verdict =
    stability.spreadReduction > 1
      ? `${steadier}, while the clocks change`
      : 'Latency did not become steadier here';
  const goal = isDeadline(report) ? 'stay below' : `are within ${percent(report.tolerance, 0)} of`;
  return html`<header class="top">
    <h1>${model} version ${version} on ${device.name}</h1>
    <p class="lead">
      ${verdict}: ${held} of ${points.length} operating points ${goal} ${milliseconds(targetMs)} ms.
    </p>
    ${report.emulated ? emulatedBanner() : ''}
    <dl class="cards">
      ${steadinessCards(stability)}
      ${figureCard('Accuracy at the chosen ratios', range(points.map(({ accuracy }) => accuracy)), testedOn(report))}
      ${figureCard('One bundle for all ratios', megabytes(bundle.bytes), 'its digest is below')}
    </dl>
  </header>`;
}

const isDeadline = ({ mode }: StabilityReport): boolean => mode === 'deadline';

function testedOn({ accuracyStated, dataset }: StabilityReport): string {
  if (accuracyStated) return 'as the uploaded bundle states; not checked';
  return dataset?.testImages === undefined ? 'top-1' : `top-1 on ${dataset.testImages} test images`;
}

function range(measured: readonly (number | undefined)[]): string {
  const shares = measured.filter((share) => share !== undefined);
  if (shares.length === 0) return 'not measured';
  return percentRange(shares);
}

function emulatedBanner(): Html {
  return html`<p class="banner" role="note">
    <strong>EMULATED clocks.</strong> Clocks were not changed: slower operating points were made by taking CPU
    time away from the measured process. Every latency was really measured under that regime, but the device
    at a lower clock may behave differently.
  </p>`;
}

function latencySection(report: StabilityReport): Html {
  const { targetMs, tolerance } = report;
  const goal = isDeadline(report)
    ? 'a deadline: an operating point is held where the interval of the measured network ends before it.'
    : `the band around it its tolerance of ±${percent(tolerance, 0)}. An operating point is held where the measured network is within it.`;
  return html`<section aria-labelledby="latency">
    <h2 id="latency">Latency at every operating point</h2>
    <p class="note">
      Measured with the trained networks of this version; whiskers are 95 % intervals of the median. The
      target is ${milliseconds(targetMs)} ms, ${goal}
    </p>
    ${latencyBars(report)} ${pointTable(report)}
  </section>`;
}

type Fact = readonly [label: string, value: Html | string | undefined];

function facts(list: readonly Fact[]): Html {
  const known = list.filter((fact): fact is [string, Html | string] => fact[1] !== undefined);
  const entries = known.map(
    ([label, value]) =>
      html`<dt>${label}</dt>
        <dd>${value}</dd>`,
  );
  return html`<dl class="facts">${entries}</dl>`;
}

const code = (text: string) => html`<code>${text}</code>`;

function evidenceSection(report: StabilityReport): Html {
  const { bundle, addenda, dataset, device, deployment, jobId } = report;
  const hardware = [device.model, device.soc].filter((each) => each !== undefined).join(', ');
  return html`<section aria-labelledby="evidence">
    <h2 id="evidence">What it is about, and what it rests on</h2>
    ${facts([
      ['Device', html`${device.name}${hardware === '' ? '' : `: ${hardware}`}, ${code(device.id)}`],
      ['Bundle', html`${megabytes(bundle.bytes)}, SHA-256 ${code(bundle.digest)}`],
      ...addenda.map(({ digest, ratios }): Fact => [`Addendum for ${ratios.join(', ')}`, code(digest)]),
      ['Dataset', dataset && html`${dataset.name ?? 'deleted since'}, digest ${code(dataset.digest)}`],
      ['Job', jobId && code(jobId)],
      ['Deployment', html`${code(deployment.id)}, made ${deployment.createdAt}`],
      ['Calibration', code(deployment.calibrationId)],
      ...report.latencyTables.map(tableFact),
    ])}
    <details>
      <summary>Every measurement</summary>
      ${measurementTable(report)}
    </details>
  </section>`;
}

function tableFact({
  id,
  purpose,
  digest,
  sampleCount,
  marks = [],
}: StabilityReport['latencyTables'][number]): Fact {
  const label = purpose === 'profile' ? 'Latency table before training' : 'Latency table after training';
  if (digest === undefined) return [label, html`${code(id)}, which is gone`];
  const odd = marks.length === 0 ? '' : `, marked ${[...new Set(marks.map(({ kind }) => kind))].join(', ')}`;
  return [
    label,
    html`${code(id)}, ${String(sampleCount)} samples${odd}; digest of its cells ${code(digest)}`,
  ];
}

function checkSection({ model, version }: StabilityReport, keyId: string): Html {
  return html`<section aria-labelledby="check">
    <h2 id="check">How to check it</h2>
    <p class="note">
      The figures and this very page are signed with the service's key ${code(keyId)}. The public keys are at
      <code>/v1/signing-keys</code> of the service; checking needs neither the service nor a network:
    </p>
    <p>
      <code
        >npm run report -- verify page.html --keys keys.json --bundle ${model}-${version}.safetensors</code
      >
    </p>
  </section>`;
}
