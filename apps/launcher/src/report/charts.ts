import type { EChartsCoreOption } from 'echarts/core';
import type { CustomSeriesRenderItem } from 'echarts/types/dist/shared';
import type { LatencySummary } from '#contracts';
import { INK, LEGEND, axis, chart, type ChartSize } from './draw-chart.js';
import { type Html, milliseconds, percent, ratioLabel, times } from '#pages';
import type { DemoReport, ReportPoint } from './report.schema.js';

/** Dense against calibrated p50 at every operating point, with the 95 % interval of each median and the target. */
export function latencyChart(report: DemoReport): Html {
  const { dense, calibrated } = report.stability;
  const description =
    `Bar chart of the p50 latency at ${report.points.length} operating points. Dense varies by ${times(dense.spread)} ` +
    `(max/min), calibrated by ${times(calibrated.spread)}; the target is ${milliseconds(report.calibration.targetMs)} ms. ` +
    'The table below holds the figures.';
  return chart(description, (size) => ({
    legend: LEGEND,
    grid: { left: 52, right: 52, top: 36, bottom: size === 'wide' ? 48 : 60 },
    xAxis: axis('operating point', {
      type: 'category',
      data: report.points.map((p) => p.operatingPoint),
      axisLabel: { color: INK.muted, fontSize: 12, interval: 0, rotate: size === 'narrow' ? 30 : 0 },
      nameGap: size === 'wide' ? 30 : 44,
    }),
    yAxis: axis('ms per run', { type: 'value', min: 0, nameGap: 38 }),
    series: [
      bars('dense', INK.dense, report.points, (p) => p.dense, undefined),
      bars('calibrated', INK.calibrated, report.points, (p) => p.calibrated, targetMarks(report)),
      intervals(report.points, 0, (p) => p.dense),
      intervals(report.points, 1, (p) => p.calibrated),
    ],
  }));
}

type Pick = (point: ReportPoint) => LatencySummary;

function bars(
  name: string,
  color: string,
  points: readonly ReportPoint[],
  pick: Pick,
  marks: object | undefined,
) {
  return {
    name,
    type: 'bar',
    data: points.map((p) => pick(p).p50Ms),
    itemStyle: { color, borderRadius: [3, 3, 0, 0] },
    barWidth: '30%',
    barGap: '12%',
    ...marks,
  };
}

function targetMarks(report: DemoReport): object {
  const { targetMs, tolerance } = report.calibration;
  return {
    markLine: {
      symbol: 'none',
      silent: true,
      lineStyle: { color: INK.target, type: 'dashed', width: 1.5 },
      label: { formatter: 'target', position: 'end', color: INK.target },
      data: [{ yAxis: targetMs }],
    },
    markArea: {
      silent: true,
      itemStyle: { color: INK.target, opacity: 0.12 },
      data: [[{ yAxis: targetMs * (1 - tolerance) }, { yAxis: targetMs * (1 + tolerance) }]],
    },
  };
}

/** Whiskers over the bars of series `place` of two. */
function intervals(points: readonly ReportPoint[], place: 0 | 1, pick: Pick) {
  const renderItem: CustomSeriesRenderItem = (_params, api) => {
    const [index, low, high] = [api.value(0), api.value(1), api.value(2)];
    const band = api.size?.([1, 0]) as number[];
    const offset = (place === 0 ? -1 : 1) * band[0]! * 0.168;
    const [x, top] = api.coord([index, high]) as [number, number];
    const bottom = api.coord([index, low])[1]!;
    const stroke = { stroke: INK.text, lineWidth: 1.25, fill: 'none' };
    const line = (x1: number, y1: number, x2: number, y2: number) =>
      ({ type: 'line', shape: { x1, y1, x2, y2 }, style: stroke }) as const;
    const centre = x + offset;
    return {
      type: 'group',
      children: [
        line(centre, top, centre, bottom),
        line(centre - 4, top, centre + 4, top),
        line(centre - 4, bottom, centre + 4, bottom),
      ],
    };
  };
  const data = points.map((p, index) => [index, pick(p).p50LowMs, pick(p).p50HighMs]);
  // Named as values of the axis, so that it reaches as far as the highest interval.
  return { type: 'custom', renderItem, data, encode: { x: 0, y: [1, 2] }, z: 5, silent: true };
}

/** Accuracy of every trained ratio; the axis does not start at 0, so it shows dots and no bars. */
export function accuracyChart(report: DemoReport): Html {
  const { ratios } = report.version;
  const lowest = Math.min(...ratios.map((r) => r.accuracy));
  const floor = Math.max(0, Math.floor((lowest - 0.01) * 50) / 50);
  const description =
    'Accuracy by pruning ratio: ' +
    ratios.map((r) => `${ratioLabel(r.ratio)} ${percent(r.accuracy)}`).join(', ') +
    '.';
  return chart(description, (size) => ({
    grid: { left: 62, right: 24, top: 24, bottom: 48 },
    xAxis: axis(size === 'wide' ? 'pruning ratio (share of multiply-accumulates removed)' : 'pruning ratio', {
      type: 'value',
      min: 0,
      nameGap: 30,
    }),
    yAxis: axis('accuracy', {
      type: 'value',
      min: floor,
      max: 1,
      nameGap: 46,
      axisLabel: { color: INK.muted, fontSize: 12, formatter: (v: number) => percent(v, 0) },
    }),
    series: [
      {
        type: 'line',
        // The first label stands beside the axis and not across its figures.
        data: ratios.map((r, i) => ({
          value: [r.ratio, r.accuracy],
          ...(i === 0 && { label: { align: 'left', offset: [6, 0] } }),
        })),
        symbol: 'circle',
        symbolSize: 9,
        itemStyle: { color: INK.calibrated },
        lineStyle: { color: INK.calibrated, width: 2 },
        labelLayout: { hideOverlap: true },
        label: {
          show: true,
          position: 'bottom',
          color: INK.text,
          fontSize: 12,
          formatter: ({ value }: { value: number[] }) => percent(value[1]!),
        },
      },
    ],
  }));
}

/** What the proxy networks promised before training beside what the trained networks took. */
export function proxyChart(report: DemoReport): Html {
  const description =
    'Dot plot: latency that proxy networks predicted beside the latency of the trained networks, per operating point. ' +
    'The table below holds the figures.';
  return chart(description, (size) => proxyOption(report, size));
}

function proxyOption(report: DemoReport, size: ChartSize): EChartsCoreOption {
  const kinds = [
    {
      name: 'dense',
      color: INK.dense,
      proxy: (p: ReportPoint) => p.proxyMs.dense,
      learned: (p: ReportPoint) => p.dense,
    },
    {
      name: 'calibrated',
      color: INK.calibrated,
      proxy: (p: ReportPoint) => p.proxyMs.calibrated,
      learned: (p: ReportPoint) => p.calibrated,
    },
  ];
  return {
    legend: { ...LEGEND, itemGap: 26 },
    grid: { left: 52, right: 12, top: size === 'wide' ? 36 : 60, bottom: size === 'wide' ? 48 : 60 },
    xAxis: axis('operating point', {
      type: 'category',
      data: report.points.map((p) => p.operatingPoint),
      axisLabel: { color: INK.muted, fontSize: 12, interval: 0, rotate: size === 'narrow' ? 30 : 0 },
      nameGap: size === 'wide' ? 30 : 44,
    }),
    yAxis: axis('ms per run', { type: 'value', min: 0, nameGap: 38 }),
    series: kinds.flatMap(({ name, color, proxy, learned }) => [
      {
        name: `${name}, proxy`,
        type: 'scatter',
        symbol: 'diamond',
        symbolSize: 13,
        symbolOffset: [-8, 0],
        itemStyle: { color: INK.surface, borderColor: color, borderWidth: 2 },
        data: report.points.map(proxy),
      },
      {
        name: `${name}, trained`,
        type: 'scatter',
        symbolSize: 10,
        symbolOffset: [8, 0],
        itemStyle: { color },
        data: report.points.map((p) => learned(p).p50Ms),
      },
    ]),
  };
}
