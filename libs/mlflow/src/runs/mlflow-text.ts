/** Lengths that MLflow refuses to exceed (mlflow/utils/validation.py). */
const MAX_KEY = 250;
const MAX_VALUE = 6000;

/** A key of a param, metric or tag: what MLflow takes in none of them becomes `_`. */
export function keyOf(text: string): string {
  return text.replace(/[^\w\-. /]/g, '_').slice(0, MAX_KEY);
}

/** A value of a param or tag; the end of a longer one is missing, which its last character says. */
export function valueOf(text: string): string {
  return text.length <= MAX_VALUE ? text : `${text.slice(0, MAX_VALUE - 1)}…`;
}

/** Of a ratio, in keys of metrics. */
export const ratioKey = (ratio: number): string => `ratio-${ratio}`;
