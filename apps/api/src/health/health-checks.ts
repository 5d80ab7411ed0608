import type { Readiness } from './readiness.js';

/** Something that the service cannot do without. */
export interface CheckedPart {
  readonly name: Readiness['parts'][number]['name'];
  /** Which implementation. */
  readonly kind?: string;
  /** Rejects when it fails. */
  readonly check: () => Promise<void>;
}

export class HealthChecks {
  constructor(
    private readonly parts: readonly CheckedPart[],
    private readonly onFailure: (part: string, error: unknown) => void,
  ) {}

  /** Checks all parts at once; a part that fails does not hide another. */
  async run(): Promise<Readiness> {
    const parts = await Promise.all(this.parts.map((part) => this.checked(part)));
    return { status: parts.every((part) => part.status === 'ok') ? 'ok' : 'failing', parts };
  }

  private async checked({ name, kind, check }: CheckedPart): Promise<Readiness['parts'][number]> {
    const part = { name, ...(kind === undefined ? {} : { kind }) };
    try {
      await check();
      return { ...part, status: 'ok' };
    } catch (error) {
      this.onFailure(name, error);
      return { ...part, status: 'failing', detail: `${name}: no answer` };
    }
  }
}
