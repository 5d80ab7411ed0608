/** Tells, without a promise to be complete, that a device has something to do; whoever listens looks for itself too. */
export interface MeasuringWakeups {
  /** Calls `listener` after a task of the device was created. Returns what ends the subscription. */
  onMeasuringTask(deviceId: string, listener: () => void): () => void;
}
