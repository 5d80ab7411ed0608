/** The first team, of whoever makes no other; the first migration makes it. */
export const DEFAULT_TEAM_ID = '00000000-0000-4000-8000-000000000001';
