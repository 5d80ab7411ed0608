const WIDTHS = [0.5, 0.75, 1, 1.5];
const SCHEDULES = [
  [0, 0.3],
  [0, 0.3, 0.6],
  [0, 0.2, 0.4, 0.6],
  [0, 0.15, 0.3, 0.45, 0.6],
];

/** Bodies of POST /v1/jobs, of 16 shapes: ResNet-8 in four widths with two to five ratios. */
export function jobBodies(datasetId: string): string[] {
  return WIDTHS.flatMap((widthMultiplier, index) =>
    SCHEDULES.map((ratios, schedule) =>
      JSON.stringify({
        model: `model-${index}-${schedule}`,
        network: { family: 'resnet', depth: 8, widthMultiplier },
        ...{ datasetId, ratios, training: { trainImages: 4096 } },
        labels: { team: 'vision', run: String(schedule) },
      }),
    ),
  );
}
