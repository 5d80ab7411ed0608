import { BundleError, exportOnnx, readBundle } from '#bundle';
import { AppError, TrainingOptions, type ImageInput, type MeasuredSubnet } from '#contracts';
import type { CandidateSubnets, ProxySubnets, SubnetFactory } from '#devices';
import { costOf, denseWidths } from '#network';
import { randomSubnet, subnetOf, type Family, type Subnet } from '#pruning';
import type { ArtifactStore } from '#storage';
import { networkOf } from './network-of.js';
import { uniformWidths } from './reachable-ratios.js';

/** Which random weights a proxy has does not matter; that they are the same each time lets equal files be stored once. */
const PROXY_SEED = 1;

/** Makes the ONNX files that agents measure, and stores them by their digest. */
export class StoredSubnets implements SubnetFactory {
  constructor(private readonly artifacts: ArtifactStore) {}

  async proxies(request: ProxySubnets): Promise<MeasuredSubnet[]> {
    const { ratios, batch, channelMultiple } = request;
    const network = networkOf(request.network, request.input, request.classes);
    const widths = uniformWidths(network, ratios, { ...TrainingOptions.parse({}), channelMultiple });
    const subnets: MeasuredSubnet[] = [];
    for (const [index, ratio] of ratios.entries()) {
      subnets.push(await this.stored(randomSubnet(network, widths[index]!, PROXY_SEED), ratio, batch));
    }
    return subnets;
  }

  async candidates(request: CandidateSubnets): Promise<{ input: ImageInput; subnets: MeasuredSubnet[] }> {
    const { bundleDigest, batch } = request;
    const ratios = [...new Set(request.ratios)].sort((a, b) => a - b);
    const family = familyOf(await this.artifacts.read(bundleDigest), bundleDigest);
    const subnets: MeasuredSubnet[] = [];
    for (const ratio of ratios) subnets.push(await this.stored(subnetOf(family, ratio), ratio, batch));
    return { input: family.network.input, subnets };
  }

  private async stored(subnet: Subnet, ratio: number, batch: number): Promise<MeasuredSubnet> {
    const { digest, bytes } = await this.artifacts.putBytes(exportOnnx(subnet, { batch }));
    return {
      ratio,
      widths: { ...denseWidths(subnet.network) },
      ...costOf(subnet.network),
      onnx: { digest, bytes, url: `/v1/artifacts/${digest}` },
    };
  }
}

function familyOf(bundle: Uint8Array, digest: string): Family {
  try {
    return readBundle(bundle).family;
  } catch (cause) {
    if (!(cause instanceof BundleError)) throw cause;
    throw new AppError('artifact_corrupt', `bundle ${digest}: ${cause.message}`, { cause });
  }
}
