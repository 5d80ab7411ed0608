/** What stands in the way, and what to do about it: shown without a stack. */
export class ProvisionError extends Error {}
