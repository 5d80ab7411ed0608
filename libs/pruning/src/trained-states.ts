import { gradients, sgdMomentum, type GraphBuilder, type Tensor, type Value } from '#graph';
import { shapeOf, type Layout } from './parameters.js';

export const velocityOf = (name: string): string => `${name}.velocity`;

/** Layouts of trained tensors and of the momentum beside each. */
export const withVelocities = (layouts: readonly Layout[]): Layout[] =>
  layouts.flatMap((layout) => [layout, { ...layout, name: velocityOf(layout.name) }]);

/** Tensors with a momentum of zero beside each. */
export function atRest(tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).flatMap(([name, tensor]) => [
      [name, tensor],
      [velocityOf(name), { shape: tensor.shape, data: new Float32Array(tensor.data.length) }],
    ]),
  );
}

export interface SgdOptions {
  readonly learningRate: Value;
  readonly momentum: number;
  readonly weightDecay: number;
}

/** The states of a training graph that one SGD step changes, each with its momentum. */
export class TrainedStates {
  readonly #trained: { value: Value; velocity: Value; decays: boolean }[] = [];
  readonly #builder: GraphBuilder;

  constructor(builder: GraphBuilder) {
    this.#builder = builder;
  }

  /** Declares one tensor; only weights decay, since a decayed scale, shift or bias would only be pulled to zero. */
  declare(layout: Layout, name: string = layout.name): Value {
    const shape = shapeOf(layout);
    const value = this.#builder.state(name, shape);
    const velocity = this.#builder.state(velocityOf(name), shape);
    this.#trained.push({ value, velocity, decays: layout.kind === 'weight' });
    return value;
  }

  /** Declares all of them, by layout name. */
  declareAll(layouts: readonly Layout[], nameOf = (name: string) => name): Map<string, Value> {
    return new Map(layouts.map((layout) => [layout.name, this.declare(layout, nameOf(layout.name))]));
  }

  /** Adds the step that lowers the loss; gives the loss's gradients with respect to `others`, which it leaves alone. */
  descend(loss: Value, options: SgdOptions, others: readonly Value[] = []): Value[] {
    const found = gradients(loss, [...this.#trained.map(({ value }) => value), ...others]);
    const { learningRate, momentum, weightDecay } = options;
    this.#trained.forEach(({ value, velocity, decays }, index) =>
      sgdMomentum({
        parameter: value,
        velocity,
        gradient: found[index]!,
        learningRate,
        momentum,
        weightDecay: decays ? weightDecay : 0,
      }),
    );
    return found.slice(this.#trained.length);
  }
}
