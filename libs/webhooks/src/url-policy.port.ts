/** Which addresses the service may post to, as far as a URL alone tells. */
export interface UrlPolicy {
  /** What is expected in place of this URL; `undefined` where it may be tried. */
  objectionTo(url: string): string | undefined;
}
