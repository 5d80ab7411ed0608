import {
  DsseEnvelope,
  fieldErrors,
  SignedStabilityReport,
  STABILITY_PREDICATE,
  StabilityStatement,
} from '#contracts';
import { canonicalJson } from '../canonical-json.js';
import { EnvelopeError, openEnvelope, type PublicJwk } from '../signing/dsse.js';
import { emptySlot } from './page-slot.js';
import { IN_TOTO_PAYLOAD, sha256Of } from './seal-report.js';

export interface CheckedReport {
  /** What the file is. */
  readonly kind: 'page' | 'report' | 'envelope';
  readonly statement: StabilityStatement;
  /** That signed it. */
  readonly key: PublicJwk;
}

/**
 * Whether a report, as JSON, as a page or as its envelope alone, is what one of the keys has signed; of a page and of the
 * readable half of JSON too. Needs neither network nor service.
 * @throws EnvelopeError saying what is wrong with it
 */
export function checkReport(content: Buffer, keys: readonly PublicJwk[]): CheckedReport {
  return content.toString('latin1', 0, 1024).trimStart().startsWith('<')
    ? checkPage(content, keys)
    : checkJson(content, keys);
}

function checkPage(content: Buffer, keys: readonly PublicJwk[]): CheckedReport {
  const { page, envelope } = emptySlot(content);
  const opened = opensWith(parsed(envelope, 'the report in the page'), keys);
  const { sha256 } = opened.statement.predicate.page;
  const found = sha256Of(page);
  if (found === sha256) return { kind: 'page', ...opened };
  throw new EnvelopeError(
    `the page was altered: the report in it is signed, but what the page shows is not what was signed with it (SHA-256 ` +
      `${found}, signed ${sha256})`,
  );
}

function checkJson(content: Buffer, keys: readonly PublicJwk[]): CheckedReport {
  const json = parsed(content.toString(), 'the file');
  const isBare = typeof json === 'object' && json !== null && 'payload' in json;
  if (isBare) return { kind: 'envelope', ...opensWith(json, keys) };
  const signed = SignedStabilityReport.safeParse(json);
  if (!signed.success) throw unreadable('the file', signed.error.issues, json);
  const opened = opensWith(signed.data.envelope, keys);
  const shown = canonicalJson((json as { report: unknown }).report);
  if (shown === canonicalJson(opened.payload.predicate.report)) return { kind: 'report', ...opened };
  throw new EnvelopeError(
    'the report was altered: the figures under "report" are not those that were signed',
  );
}

/** The statement, as read and as it was written: what a newer service adds is part of what was signed. */
function opensWith(json: unknown, keys: readonly PublicJwk[]) {
  const envelope = DsseEnvelope.safeParse(json);
  if (!envelope.success) throw unreadable('the envelope', envelope.error.issues, json);
  const { payloadType, payload, key } = openEnvelope(envelope.data, keys);
  if (payloadType !== IN_TOTO_PAYLOAD) {
    throw new EnvelopeError(`what is signed is "${payloadType}", expected "${IN_TOTO_PAYLOAD}"`);
  }
  const written = parsed(payload.toString(), 'what is signed') as StabilityStatement;
  const statement = StabilityStatement.safeParse(written);
  if (statement.success) return { statement: statement.data, payload: written, key };
  const type = (written as { predicateType?: unknown } | null)?.predicateType;
  if (type === STABILITY_PREDICATE) throw unreadable('what is signed', statement.error.issues, written);
  throw new EnvelopeError(`what is signed is "${String(type)}", expected "${STABILITY_PREDICATE}"`);
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new EnvelopeError(`${what} is not JSON: ${(error as Error).message}`);
  }
}

function unreadable(what: string, issues: Parameters<typeof fieldErrors>[0], input: unknown): EnvelopeError {
  const [first] = fieldErrors(issues, input, what);
  return new EnvelopeError(
    `${what} is no stability report that this command can read: ${first!.field}: expected ${first!.expected}`,
  );
}
