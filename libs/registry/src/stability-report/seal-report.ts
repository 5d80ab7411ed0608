import { createHash } from 'node:crypto';
import {
  STABILITY_PREDICATE,
  STATEMENT_TYPE,
  type DsseEnvelope,
  type StabilityReport,
  type StabilityStatement,
} from '#contracts';
import { canonicalJson } from '../canonical-json.js';
import { sealEnvelope, type Signer } from '../signing/dsse.js';

/** What in-toto attestations say they are. */
export const IN_TOTO_PAYLOAD = 'application/vnd.in-toto+json';

export interface ReportToSeal {
  readonly report: StabilityReport;
  /** The report as a page, with an empty slot for the envelope. */
  readonly page: string;
  readonly madeBy: StabilityStatement['predicate']['madeBy'];
}

/** Signs a report and its page at once: as a statement about the bundle, and the files beside it. */
export function sealReport(signer: Signer, { report, page, madeBy }: ReportToSeal): DsseEnvelope {
  const name = `${report.model}-${report.version}`;
  const statement: StabilityStatement = {
    _type: STATEMENT_TYPE,
    subject: [
      { name: `${name}.safetensors`, digest: { sha256: report.bundle.digest } },
      ...report.addenda.map(({ digest, ratios }) => ({
        name: `${name}-addendum-${ratios.join('-')}.safetensors`,
        digest: { sha256: digest },
      })),
    ],
    predicateType: STABILITY_PREDICATE,
    predicate: { report, page: { sha256: sha256Of(page) }, madeBy },
  };
  return sealEnvelope(signer, IN_TOTO_PAYLOAD, Buffer.from(canonicalJson(statement)));
}

/** As hex digits. */
export function sha256Of(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
