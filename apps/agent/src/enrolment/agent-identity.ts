import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { Id } from '#contracts';
import { writeFileAtomicSync } from '#runtime';

/** What an agent knows of itself between two starts. */
const AgentIdentity = z.object({
  /** Tells this installation apart from another one that claims the same device name. */
  installationId: Id,
  enrolment: z
    .object({
      ...{ server: z.url(), deviceId: Id, deviceName: z.string(), realClocks: z.boolean() },
      /** Absent in what an agent of before access control left. */
      apiKey: z.string().optional(),
    })
    .optional(),
});
export type AgentIdentity = z.infer<typeof AgentIdentity>;

const fileIn = (dataDir: string) => join(dataDir, 'agent.json');

/** The identity kept in the data directory, or a new one. @throws Error naming the file when it cannot be read as one */
export function readIdentity(dataDir: string): AgentIdentity {
  const file = fileIn(dataDir);
  if (!existsSync(file)) return { installationId: randomUUID() };
  try {
    return AgentIdentity.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    throw new Error(`${file} is damaged: remove it and enrol again`, { cause: error });
  }
}

/** Readable by its owner alone. */
export function writeIdentity(dataDir: string, identity: AgentIdentity): void {
  writeFileAtomicSync(fileIn(dataDir), `${JSON.stringify(identity, null, 2)}\n`, 0o600);
}
