import { accuracyChart, latencyChart, proxyChart } from './charts.js';
import {
  Html,
  html,
  milliseconds,
  percent,
  ratioLabel,
  STYLES,
  figureCard,
  percentRange,
  steadinessCards,
} from '#pages';
import { provenanceSection, timingSection } from './provenance.js';
import type { DemoReport } from './report.schema.js';
import { accuracyTable, latencyTable, profileTable, proxyTable } from './tables.js';

/** The report as one self-contained page: no scripts, nothing fetched. */
export function renderPage(report: DemoReport): string {
  const { version, device } = report;
  const title = `${version.model} version ${version.version} on ${device.name}: Isochron demo report`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="generator" content="Isochron ${report.versions['isochron'] ?? ''}" />
        <title>${title}</title>
        <style>
          ${new Html(STYLES)}
        </style>
      </head>
      <body>
        ${headline(report)}
        <main>
          ${latencySection(report)} ${accuracySection(report)} ${profileSection(report)}
          ${proxySection(report)} ${provenanceSection(report)} ${timingSection(report)}
        </main>
        <footer>
          Made ${report.createdAt} by <code>${report.command}</code>. The same figures, with every raw sample,
          are in <code>report.json</code>.
        </footer>
      </body>
    </html> `.text;
}

function headline(report: DemoReport): Html {
  const steadier = report.stability.spreadReduction > 1;
  const { model, version, bundle, ratios } = report.version;
  const accuracies = report.points.map((p) => p.accuracy);
  return html`<header class="top">
    <h1>
      ${steadier ? 'Latency that stays, while the clocks change' : 'Latency did not become steadier here'}
    </h1>
    <p class="lead">
      ${model} version ${version}: one set of weights, ${ratios.length} pruning ratios,
      ${report.points.length} operating points of <strong>${report.device.name}</strong>. At each operating
      point the device runs the ratio that keeps latency near ${milliseconds(report.calibration.targetMs)} ms.
    </p>
    ${report.emulated ? emulatedBanner() : ''}
    <dl class="cards">
      ${steadinessCards(report.stability)}
      ${figureCard('Accuracy at the chosen ratios', percentRange(accuracies), `top-1 on ${report.version.training.testImages} test images`)}
      ${figureCard('One bundle for all ratios', `${(bundle.bytes / 1e3).toFixed(0)} kB`, `${ratios.length} ratios, shared weights`)}
    </dl>
  </header>`;
}

function emulatedBanner(): Html {
  return html`<p class="banner" role="note">
    <strong>EMULATED clocks.</strong> This machine's clocks were not changed: slower operating points were
    made by taking CPU time away from the measured process. Every latency was really measured under that
    regime, but a real device at a lower clock may behave differently.
  </p>`;
}

function latencySection(report: DemoReport): Html {
  const percentOff = Math.round(report.calibration.tolerance * 100);
  return html`<section aria-labelledby="latency">
    <h2 id="latency">Latency at every operating point</h2>
    <p class="note">
      p50 of one run of ${report.profile.cells[0]?.provenance.batch ?? '?'} images, trained networks; whiskers
      are 95 % intervals of the median. The dashed line is the target, the band its tolerance of
      ±${percentOff} %.
    </p>
    ${latencyChart(report)}${latencyTable(report)}
  </section>`;
}

function accuracySection(report: DemoReport): Html {
  return html`<section aria-labelledby="accuracy">
    <h2 id="accuracy">Accuracy of every ratio</h2>
    <p class="note">
      All ratios share one set of weights; each has its own BatchNorm. Note that the axis does not start at 0.
    </p>
    ${accuracyChart(report)}${accuracyTable(report)}
  </section>`;
}

function profileSection(report: DemoReport): Html {
  const ratios = report.calibration.ratios.map(ratioLabel).join(', ');
  return html`<section aria-labelledby="profile">
    <h2 id="profile">What calibration saw</h2>
    <p class="note">
      p50 in ms of proxy networks (random weights, uniform widths), measured before anything was trained. The
      ratio chosen for an operating point lies where its row meets the target; trained were ${ratios}.
    </p>
    ${profileTable(report)}
    <p class="note">${cellsSaved(report.profileCells)}</p>
  </section>`;
}

function cellsSaved({ measured, grid, savedShare }: DemoReport['profileCells']): string {
  if (measured === grid) return `All ${grid} cells of the grid operating points x ratios were measured.`;
  return (
    `${measured} of the ${grid} cells of the grid operating points x ratios were measured: they settled the choices, ` +
    `and ${grid - measured} (${percent(savedShare)}) were saved.`
  );
}

function proxySection(report: DemoReport): Html {
  return html`<section aria-labelledby="proxy">
    <h2 id="proxy">Proxy beside trained network</h2>
    <p class="note">
      Training decides which channels stay, so a trained network has other widths than the proxy that was
      measured for its ratio. This is how far apart the two were.
    </p>
    ${proxyChart(report)}${proxyTable(report)}
  </section>`;
}
