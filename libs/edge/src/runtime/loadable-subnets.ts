import { SubnetModels, type Bundle } from '#bundle';
import { prepareTemplates } from './prepared/prepare-templates.js';
import { fillTemplate, type SessionTemplate } from './prepared/session-template.js';

/** What a session is made from. */
export interface LoadableSubnet {
  readonly model: Uint8Array;
  /** Tensors beside the model, by location. */
  readonly weights: readonly { readonly path: string; readonly data: Uint8Array }[];
  /** In onnxruntime's own format, with nothing left to optimise. */
  readonly isOptimised: boolean;
  /** What to give back once a session is made, which copies. */
  readonly memory: ArrayBuffer;
}

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
    if (!template) return { ...this.#models.at(ratio), isOptimised: false };
    const model = fillTemplate(template, this.#models.tensors(ratio));
    return { model, weights: [], isOptimised: true, memory: model.buffer };
  }
}
