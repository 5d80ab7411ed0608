import type { ExportQuery } from '#contracts';

/** A subnet of a version as a file. */
export interface SubnetOrder {
  readonly model: string;
  readonly version: number;
  readonly ratio: number;
  /** Digest of the bundle's file. */
  readonly bundle: string;
  /** Digest of the addendum's file that brings the ratio, where the bundle lacks it. */
  readonly addendum?: string | undefined;
  readonly target: ExportQuery;
}

export interface ExportedSubnet {
  readonly digest: string;
  readonly bytes: number;
}

/** Makes files of subnets and keeps them among the artifacts. The same order gives the same bytes. */
export interface SubnetExports {
  readonly onnxOpset: number;
  /** @throws AppError artifact_corrupt for a damaged bundle or addendum, not_found where its file is gone */
  export(order: SubnetOrder): Promise<ExportedSubnet>;
}
