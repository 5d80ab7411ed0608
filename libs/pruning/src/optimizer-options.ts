/** What turns gradients into a step of the weights. The soft mask is learned by plain SGD with `momentum` whatever stands here. */
export interface OptimizerOptions {
  /** Default `sgd`. */
  readonly optimizer?: OptimizerName | undefined;
  /** Of SGD. */
  readonly momentum: number;
  /** SGD looks one step ahead (Sutskever et al. 2013); default false. */
  readonly nesterov?: boolean | undefined;
  /** Decay of AdamW's mean of the gradients; default 0.9. */
  readonly beta1?: number | undefined;
  /** Decay of AdamW's mean of their squares; default 0.999. */
  readonly beta2?: number | undefined;
  /** Keeps AdamW's steps finite where gradients are zero; default 1e-8. */
  readonly epsilon?: number | undefined;
  /** Of weights alone: never of masks, biases or BatchNorm. SGD adds it to the gradient (L2), AdamW shrinks the weight by it. */
  readonly weightDecay: number;
  /** Gradients whose norm over all weights is larger are scaled down to it; default: no limit. The mask's are not in it. */
  readonly gradientClipNorm?: number | undefined;
}

export type OptimizerName = 'sgd' | 'adamw';
