/** `value` for errors of a code, as node:fs gives them; others are thrown on. */
export const unless =
  <T>(code: string, value: T) =>
  (error: NodeJS.ErrnoException): T => {
    if (error.code === code) return value;
    throw error;
  };
