/** Text of users as Markdown shows it: on one line, and none of it means anything. */
export function markdownText(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#~]/g, (character) => `\\${character}`);
}

/** Several lines of users, set apart from what the service says: their own Markdown stays theirs. */
export function markdownQuote(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}
