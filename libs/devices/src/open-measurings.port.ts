/** A measuring task that has not ended, with what tells whether its device is at work on it. */
export interface OpenMeasuring {
  readonly taskId: string;
  /** Of the newest lease, if it has not been taken back: undefined where nobody has taken the task. */
  readonly lease?: {
    readonly agentName: string;
    readonly expiresAt: Date;
    /** When its agent last said anything. */
    readonly heardAt: Date;
    /** Why its agent measures nothing for now. */
    readonly waiting?: string | undefined;
  };
  readonly device: {
    readonly name: string;
    /** When an agent last asked for work of it; undefined where none ever has. */
    readonly askedAt?: Date | undefined;
    /** Whether an agent holds another task of it. */
    readonly isBusy: boolean;
  };
}

/** What the measuring tasks of all teams wait for. */
export interface OpenMeasurings {
  /** Those of these tasks that have not ended, in no order. */
  find(taskIds: readonly string[], now: Date): Promise<OpenMeasuring[]>;
}
