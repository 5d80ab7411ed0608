import type { ImageInput, MeasuredSubnet, NetworkSpec } from '#contracts';

export interface ProxySubnets {
  readonly network: NetworkSpec;
  readonly input: ImageInput;
  readonly classes: number;
  readonly ratios: readonly number[];
  readonly channelMultiple: number;
  /** Images per run: the exported networks have a fixed batch. */
  readonly batch: number;
}

export interface CandidateSubnets {
  readonly bundleDigest: string;
  readonly batch: number;
  /** Of the bundle, in any order, repeated or not. */
  readonly ratios: readonly number[];
}

/** Makes the ONNX files that an agent measures and stores them as artifacts. */
export interface SubnetFactory {
  /**
   * Networks with random weights and uniform widths, one per ratio in the order given.
   * @throws AppError network_invalid or ratio_unreachable
   */
  proxies(request: ProxySubnets): Promise<MeasuredSubnet[]>;

  /** Subnets of a trained bundle, one per ratio, ascending. */
  candidates(request: CandidateSubnets): Promise<{ input: ImageInput; subnets: MeasuredSubnet[] }>;
}
