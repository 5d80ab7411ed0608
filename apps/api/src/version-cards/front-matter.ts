import type { ModelCard } from '#contracts';

/**
 * The YAML that model hubs read at the head of a card. Every value is written as JSON, which YAML takes as it is: nothing
 * that a user wrote can end a line or open a block.
 */
export function frontMatter(card: ModelCard): string {
  const { model, dataset, ratios } = card;
  const data = dataset?.name ?? dataset?.digest;
  const measured = ratios.filter(({ accuracy }) => accuracy !== undefined);
  const entries = {
    library_name: 'isochron',
    pipeline_tag: 'image-classification',
    tags: ['pruning', 'onnx', ...Object.entries(card.tags).map(([key, value]) => `${key}:${value}`)],
    ...(dataset?.name !== undefined && { datasets: [dataset.name] }),
    metrics: ['accuracy'],
    model_name: `${model} version ${card.version}`,
    ...(data !== undefined &&
      measured.length > 0 && { 'model-index': [{ name: model, results: resultsOf(card, data) }] }),
  };
  const lines = Object.entries(entries).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return ['---', ...lines, '---'].join('\n');
}

function resultsOf({ ratios, dataset }: ModelCard, data: string) {
  const metrics = ratios.flatMap(({ ratio, accuracy }) =>
    accuracy === undefined ? [] : [{ type: 'accuracy', name: `top-1 at ratio ${ratio}`, value: accuracy }],
  );
  return [
    {
      task: { type: 'image-classification' },
      dataset: { type: data, name: data, split: 'test', revision: dataset?.digest },
      metrics,
    },
  ];
}
