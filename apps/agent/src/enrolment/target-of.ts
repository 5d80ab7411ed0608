import { readIdentity } from './agent-identity.js';

export interface TargetOptions {
  readonly server: URL | undefined;
  readonly device: string | undefined;
  /** Of the environment. */
  readonly apiKey: string | undefined;
  readonly dataDir: string;
}

/** A server, the device that this is for it, and the key for that. */
export interface Target {
  readonly server: URL;
  readonly device: string;
  readonly apiKey: string | undefined;
  /** Enrolled with points of real clocks. */
  readonly realClocks: boolean;
}

/** What the options say, else what enrolment left. @throws Error naming the option that is missing */
export function targetOf({ server, device, apiKey, dataDir }: TargetOptions): Target {
  const { enrolment } = readIdentity(dataDir);
  const url = server ?? (enrolment && new URL(enrolment.server));
  const id = device ?? enrolment?.deviceId;
  if (url === undefined || id === undefined) {
    const missing = url === undefined ? '--server' : '--device';
    throw new Error(
      `${missing} is not given, and no enrolment is in ${dataDir}: give it, or run "isochron-agent enrol"`,
    );
  }
  const isEnrolled = device === undefined && enrolment !== undefined;
  return {
    ...{ server: url, device: id },
    apiKey: isEnrolled ? (enrolment.apiKey ?? apiKey) : apiKey,
    realClocks: isEnrolled && enrolment.realClocks,
  };
}
