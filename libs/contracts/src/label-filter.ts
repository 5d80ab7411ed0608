import { z } from 'zod';

const LABEL = /^([^=]{1,63})=(.{0,255})$/s;
const MOST_LABELS = 20;

/** `label=KEY=VALUE` of a query, once or several times. */
export const LabelFilter = z
  .union([z.string(), z.array(z.string())])
  .describe('KEY=VALUE; several times for those that have all of them')
  .transform((given, context): { key: string; value: string }[] => {
    const texts = [given].flat();
    if (texts.length > MOST_LABELS) {
      context.addIssue({ code: 'custom', message: `expected at most ${MOST_LABELS} labels` });
    }
    return texts.map((text, index) => {
      const [, key, value] = LABEL.exec(text) ?? [];
      if (key !== undefined && value !== undefined) return { key, value };
      const path = Array.isArray(given) ? [index] : [];
      const message = 'expected KEY=VALUE with a key of 1 to 63 characters and a value of at most 255';
      context.addIssue({ code: 'custom', path, message });
      return z.NEVER;
    });
  });
export type LabelFilter = z.infer<typeof LabelFilter>;
