import type { Actor, SignedStabilityReport, StabilityStatement, VersionReference } from '#contracts';
import { fillSlot, sealReport, type SigningKeys, type VersionCards } from '#registry';
import { stabilityPage } from './stability-page.js';

export interface SignedReportsParts {
  readonly cards: Pick<VersionCards, 'stabilityReport'>;
  readonly keys: Pick<SigningKeys, 'signer'>;
  readonly madeBy: StabilityStatement['predicate']['madeBy'];
}

/** Stability reports as they are given away: one signature over the figures and the page that shows them. */
export class SignedReports {
  constructor(private readonly parts: SignedReportsParts) {}

  /** @throws AppError not_found */
  async of(
    actor: Actor,
    version: VersionReference,
    deployment: { readonly deviceId: string; readonly deploymentId?: string | undefined },
  ): Promise<{ readonly signed: SignedStabilityReport; readonly page: string }> {
    const { cards, keys, madeBy } = this.parts;
    const report = await cards.stabilityReport(actor, version, deployment);
    const signer = await keys.signer();
    const page = stabilityPage(report, signer.keyId);
    const envelope = sealReport(signer, { report, page, madeBy });
    return { signed: { report, envelope }, page: fillSlot(page, envelope) };
  }
}
