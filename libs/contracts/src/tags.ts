import { z } from 'zod';

export const MOST_TAGS = 50;
const LONGEST_KEY = 100;
const LONGEST_VALUE = 500;

const TagKey = z.string().min(1).max(LONGEST_KEY);
const TagValue = z.string().max(LONGEST_VALUE);

export const Description = z.string().max(10_000).describe('free text');

/** Whatever people want to say of a resource, and to find it by. */
export const Tags = z
  .record(TagKey, TagValue)
  .refine(isFew, { message: `expected at most ${MOST_TAGS} tags` })
  .describe(
    `at most ${MOST_TAGS}, keys of 1 to ${LONGEST_KEY} characters, values of at most ${LONGEST_VALUE}`,
  );
export type Tags = z.infer<typeof Tags>;

/** A merge patch (RFC 7396) of tags. */
export const TagChanges = z
  .record(TagKey, TagValue.nullable())
  .refine(isFew, { message: `expected at most ${MOST_TAGS} tags` })
  .describe('tags to be set; null removes one, and those that are not named stay');
export type TagChanges = z.infer<typeof TagChanges>;

/** `tag=KEY:VALUE` of a query, once or several times. */
export const TagFilter = z
  .union([z.string(), z.array(z.string())])
  .describe('KEY:VALUE; several times for those that have all of them')
  .transform((given, context): { key: string; value: string }[] => {
    const texts = [given].flat();
    if (texts.length > MOST_TAGS) {
      context.addIssue({ code: 'custom', message: `expected at most ${MOST_TAGS} tags` });
    }
    return texts.map((text, index) => {
      const at = text.indexOf(':');
      const tag = { key: text.slice(0, at), value: text.slice(at + 1) };
      if (at > 0 && TagKey.safeParse(tag.key).success && TagValue.safeParse(tag.value).success) return tag;
      const path = Array.isArray(given) ? [index] : [];
      const message = `expected KEY:VALUE with a key of 1 to ${LONGEST_KEY} characters and a value of at most ${LONGEST_VALUE}`;
      context.addIssue({ code: 'custom', path, message });
      return z.NEVER;
    });
  });
export type TagFilter = z.infer<typeof TagFilter>;

/** `true` or `false` of a query. */
export const Flag = z
  .enum(['true', 'false'], { error: 'expected true or false' })
  .transform((text) => text === 'true');

function isFew(tags: object): boolean {
  return Object.keys(tags).length <= MOST_TAGS;
}
