/** How much the benchmark of the service does. */
export interface ServiceScale {
  /** Keep-alive connections that submit; each sends its next request when its last is answered. */
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly submitSeconds: number;
  /** Jobs that a worker begins, one after the other. */
  readonly starts: number;
  /** Clients of event streams, and the jobs that they follow. */
  readonly clients: number;
  readonly followedJobs: number;
  /** Events that the followed jobs get, together. */
  readonly eventsPerSecond: number;
  readonly followSeconds: number;
  readonly listedJobs: number;
  /** Of every kind of page. */
  readonly listRequests: number;
}

export const FULL_SCALE: ServiceScale = {
  ...{ connections: 50, warmUpSeconds: 5, submitSeconds: 20 },
  starts: 15,
  ...{ clients: 500, followedJobs: 5, eventsPerSecond: 20, followSeconds: 30 },
  ...{ listedJobs: 100_000, listRequests: 60 },
};

export const QUICK_SCALE: ServiceScale = {
  ...{ connections: 4, warmUpSeconds: 0.2, submitSeconds: 0.5 },
  starts: 1,
  ...{ clients: 6, followedJobs: 2, eventsPerSecond: 20, followSeconds: 1 },
  ...{ listedJobs: 200, listRequests: 2 },
};
