import { SubnetModels, type Bundle } from '#bundle';
import { freeAtOnce } from '#runtime';
import { prepareTemplates } from './prepared/prepare-templates.js';
import { fillTemplate, type SessionTemplate } from './prepared/session-template.js';
import type { LoadableSubnet } from './subnet-session.js';

/** The subnets of a bundle in the form that loads fastest. */
export class LoadableSubnets {
  readonly #models: SubnetModels;

  private constructor(
    models: SubnetModels,
    private readonly templates: ReadonlyMap<number, SessionTemplate>,
  ) {
    this.#models = models;
  }

  /** @param batch images in a run */
  static unprepared(bundle: Bundle, batch: number | 'dynamic'): LoadableSubnets {
    return new LoadableSubnets(new SubnetModels(bundle, batch), new Map());
  }

  /** The same for a bundle with further addenda. */
  of(bundle: Bundle, batch: number | 'dynamic'): LoadableSubnets {
    return new LoadableSubnets(new SubnetModels(bundle, batch), this.templates);
  }

  /**
   * The same, with the work that all loads of a ratio have in common done.
   * @throws Error when that cannot be done on this machine: they load without.
   */
  async prepared(ratios: readonly number[]): Promise<LoadableSubnets> {
    const missing = [...new Set(ratios)].filter((ratio) => !this.templates.has(ratio));
    const made = await prepareTemplates(this.#models, missing);
    return new LoadableSubnets(this.#models, new Map([...this.templates, ...made]));
  }

  /** @throws RangeError when the bundle has no such ratio. */
  at(ratio: number): LoadableSubnet {
    const template = this.templates.get(ratio);
    if (!template) {
      const { model, weights, memory } = this.#models.at(ratio);
      return { model, weights, isOptimised: false, free: () => freeAtOnce(memory) };
    }
    const model = fillTemplate(template, this.#models.tensors(ratio));
    return { model, weights: [], isOptimised: true, free: () => freeAtOnce(model.buffer) };
  }
}
