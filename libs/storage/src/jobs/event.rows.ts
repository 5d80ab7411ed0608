import { json } from '../database/rows.js';

interface Subject {
  readonly teamId: string;
  readonly owner: string;
  readonly updatedAt: string;
}

/** Events of a job or a sweep in order, numbered on from the one before; without the id of what they are events of. */
export function numberedEventRows(
  { teamId, owner, updatedAt: createdAt }: Subject,
  events: readonly { readonly type: string }[],
  lastSequence: number,
) {
  return events.map((event, index) => {
    const sequence = lastSequence + index + 1;
    return { sequence, teamId, owner, createdAt, type: event.type, data: json(event) };
  });
}
