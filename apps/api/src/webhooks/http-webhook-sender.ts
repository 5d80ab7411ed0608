import dns from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { WebhookAnswer } from '#contracts';
import type { WebhookRequest, WebhookResponse, WebhookSender } from '#webhooks';
import { addressIn, type AddressPolicy } from './address-policy.js';

type Answered = Pick<WebhookAnswer, 'status' | 'responseExcerpt'> & Pick<WebhookResponse, 'retryAfterMs'>;

const TIMEOUT_MS = 10_000;
const EXCERPT_BYTES = 1024;

const HEADERS = { 'content-type': 'application/json', 'user-agent': 'Isochron-Webhooks' };

/** Posts over HTTP, each time over a connection of its own, to addresses that the policy allows. */
export class HttpWebhookSender implements WebhookSender {
  constructor(
    private readonly policy: AddressPolicy,
    private readonly timeoutMs = TIMEOUT_MS,
    private readonly resolve: typeof dns.lookup = dns.lookup,
  ) {}

  async post(request: WebhookRequest, stop?: AbortSignal): Promise<WebhookResponse> {
    const begun = performance.now();
    const late = AbortSignal.timeout(this.timeoutMs);
    const signal = stop === undefined ? late : AbortSignal.any([late, stop]);
    const took = () => Math.round(performance.now() - begun);
    try {
      const { retryAfterMs, ...answer } = await this.exchange(request, signal);
      return {
        answer: { ...answer, durationMs: took() },
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      };
    } catch (thrown) {
      const error = late.aborted ? `no answer within ${this.timeoutMs} ms` : reasonOf(thrown);
      return { answer: { error, durationMs: took() } };
    }
  }

  private async exchange({ url, headers, body }: WebhookRequest, signal: AbortSignal): Promise<Answered> {
    const target = new URL(url);
    const { protocol } = target;
    this.checkLiteral(target);
    const { request } = protocol === 'https:' ? https : http;
    const options = { method: 'POST', headers: { ...HEADERS, ...headers }, agent: false, signal };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(target, { ...options, lookup: this.lookupFor(protocol) }, resolve)
        .on('error', reject)
        .end(body);
    });
    return answerOf(response);
  }

  /** An address in place of a name is connected to without a look-up. */
  private checkLiteral({ hostname, protocol }: URL): void {
    const address = addressIn(hostname);
    if (address !== undefined && !this.policy.allows(address, protocol)) throw this.refusal(address, address);
  }

  /** Gives the connection allowed addresses alone: what was checked is what is connected to. */
  private lookupFor(protocol: string): LookupFunction {
    return (hostname, options, callback) => {
      this.resolve(hostname, { ...options, all: true }, (error, found) => {
        if (error) return callback(error, []);
        const allowed = found.filter(({ address }) => this.policy.allows(address, protocol));
        const [first] = allowed;
        if (first === undefined) return callback(this.refusal(hostname, found[0]?.address ?? hostname), []);
        if (options.all) return callback(null, allowed);
        callback(null, first.address, first.family);
      });
    };
  }

  private refusal(host: string, address: string): Error {
    return new Error(`${host} is not posted to: expected ${this.policy.inPlaceOf(address)}`);
  }
}

async function answerOf(response: IncomingMessage): Promise<Answered> {
  const { statusCode: status, headers } = response;
  const responseExcerpt = await excerptOf(response);
  const retryAfterMs = retryAfter(headers['retry-after']);
  return {
    ...(status === undefined ? {} : { status }),
    ...(responseExcerpt === '' ? {} : { responseExcerpt }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** How the body begins. The status has said everything: a body that breaks off, or never ends, changes nothing. */
async function excerptOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= EXCERPT_BYTES) break;
    }
  } catch {
    // Whatever came before is the excerpt.
  } finally {
    response.destroy();
  }
  // PostgreSQL stores no U+0000.
  return Buffer.concat(chunks).subarray(0, EXCERPT_BYTES).toString().replaceAll('\0', '\uFFFD');
}

/** Seconds, or a date (RFC 9110, section 10.2.3). */
function retryAfter(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return ms > 0 ? ms : undefined;
}

/** Where several addresses of a name failed, the error has no message of its own. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.message || code || error.name;
}
