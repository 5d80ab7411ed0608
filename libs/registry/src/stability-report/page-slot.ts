import { EnvelopeError } from '../signing/dsse.js';

const OPEN = '<script type="application/json" id="signed-report">';
const CLOSE = '</script>';

/** Where a page has room for its envelope: data that no browser runs. */
export const ENVELOPE_SLOT = OPEN + CLOSE;

/** Puts the envelope into the page's one slot. @throws Error when the page does not have exactly one */
export function fillSlot(page: string, envelope: object): string {
  const parts = page.split(ENVELOPE_SLOT);
  const json = JSON.stringify(envelope);
  if (parts.length !== 2)
    throw new Error(`the page has ${parts.length - 1} slots for an envelope, expected 1`);
  if (json.includes('<')) throw new Error('the envelope has a "<", which could end its element');
  return parts.join(OPEN + json + CLOSE);
}

/**
 * Takes the envelope out of a page again: what is left is the page that was signed, byte for byte.
 * @throws EnvelopeError when the page does not have exactly one slot
 */
export function emptySlot(content: Buffer): { readonly page: Buffer; readonly envelope: string } {
  // One character a byte: whatever is not UTF-8 stays what it is.
  const text = content.toString('latin1');
  const [before, after, ...more] = text.split(OPEN);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new EnvelopeError(
      `the page has ${more.length + (after === undefined ? 0 : 1)} signed reports in it, expected 1`,
    );
  }
  const end = after.indexOf('<'); // whatever a browser could take for the end of the element ends it here
  const envelope = end < 0 ? after : after.slice(0, end);
  const page = Buffer.from(before + OPEN + after.slice(envelope.length), 'latin1');
  return { page, envelope: Buffer.from(envelope, 'latin1').toString() };
}
