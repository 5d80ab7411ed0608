import { init, use, type EChartsCoreOption } from 'echarts/core';
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';
import { Html, html } from '#pages';

use([
  BarChart,
  CustomChart,
  LineChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  SVGRenderer,
]);

/** Colours are CSS variables of the page, so that one drawing serves its light and its dark dress. */
export const INK = {
  text: 'var(--text)',
  muted: 'var(--muted)',
  line: 'var(--line)',
  surface: 'var(--surface)',
  dense: 'var(--dense)',
  calibrated: 'var(--calibrated)',
  target: 'var(--target)',
} as const;

/** Drawn once for wide and once for narrow screens: scaled-down text would be unreadable on a phone. */
const SIZES = [
  { name: 'wide', width: 760, height: 340 },
  { name: 'narrow', width: 360, height: 330 },
] as const;

export type ChartSize = (typeof SIZES)[number]['name'];

/** An inline SVG figure with a text that says what it shows; `option` is asked once per size. */
export function chart(description: string, option: (size: ChartSize) => EChartsCoreOption): Html {
  const drawings = SIZES.map(
    ({ name, width, height }) =>
      html`<div class="chart ${name}" role="img" aria-label="${description}">
        ${draw(option(name), width, height)}
      </div>`,
  );
  return html`${drawings}`;
}

function draw(option: EChartsCoreOption, width: number, height: number): Html {
  const instance = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    instance.setOption({ animation: false, textStyle: { fontFamily: 'inherit' }, ...option });
    return new Html(instance.renderToSVGString());
  } finally {
    instance.dispose();
  }
}

/** Axis in the page's colours. */
export function axis(name: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name,
    nameLocation: 'middle',
    nameGap: 32,
    nameTextStyle: { color: INK.muted, fontSize: 12 },
    axisLine: { lineStyle: { color: INK.line } },
    axisTick: { show: false },
    axisLabel: { color: INK.muted, fontSize: 12 },
    splitLine: { lineStyle: { color: INK.line, opacity: 0.6 } },
    ...more,
  };
}

export const LEGEND = { top: 0, left: 0, itemGap: 16, textStyle: { color: INK.text, fontSize: 12 } };
