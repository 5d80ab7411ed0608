import type { CardDeployment, LatencyOrigin } from '#contracts';
import { markdownTable } from '../markdown-table.js';
import { markdownText } from '../markdown-text.js';
import { yesOrNo } from './markdown-figures.js';

const HEAD = [
  'operating point',
  'ratio',
  'clocks',
  'pinned',
  'samples',
  'measured',
  'network',
  'latency table',
];
/** Enough to tell files apart; the JSON has them whole. */
const DIGITS = 12;

/** Of every latency in a card's table how it came to be, as far as that is known. */
export function latencyOrigins({ points }: CardDeployment): string[] {
  const rows = points.flatMap(({ operatingPoint, ratio, origin }) => [
    ...rowOf(operatingPoint, 'dense', origin?.dense),
    // Where the dense network runs, both are one.
    ...(ratio === 0 ? [] : rowOf(operatingPoint, String(ratio), origin?.calibrated)),
  ]);
  if (rows.length === 0) return [];
  const meaning =
    'Where each latency comes from. Clocks are `real`, `emulated` (CPU time was taken away) or `simulated` (replayed from a ' +
    `recorded table), and pinned where the agent set them. Of digests, SHA-256, the first ${DIGITS} digits.`;
  return [meaning, markdownTable(HEAD, rows)];
}

function rowOf(operatingPoint: string, ratio: string, origin: LatencyOrigin | undefined): string[][] {
  if (origin === undefined) return [];
  const { tier, pinned, samples, measuredAt, onnxDigest, latencyTable } = origin;
  return [
    [
      markdownText(operatingPoint),
      ratio,
      tier ?? 'not said',
      pinned === undefined ? 'not said' : yesOrNo(pinned),
      String(samples),
      measuredAt === undefined ? 'not said' : markdownText(measuredAt),
      onnxDigest === undefined ? 'not said' : shortened(onnxDigest),
      `${shortened(latencyTable.digest)}, cell ${latencyTable.cell}`,
    ],
  ];
}

const shortened = (digest: string): string => `\`${digest.slice(0, DIGITS)}\``;
