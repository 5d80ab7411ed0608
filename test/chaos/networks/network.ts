/** How a process of the cluster is broken off from the others: connections are reset, or all that is sent vanishes. */
export type Cut = 'refuse' | 'swallow';

/** What lies between one process of the cluster and everything else. */
export interface Network {
  /** Address of the process itself. */
  readonly address: string;
  /** Puts a command into the network; it is followed by the program and its arguments. */
  readonly command: readonly string[];
  /** Where the process finds a server that listens on this machine. @param port asked for at every connection */
  reach(port: () => number): Promise<Endpoint>;
  cut(how: Cut): void;
  mend(): void;
  close(): Promise<void>;
}

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The networks of one cluster. */
export interface Networks {
  /** For people: what the networks are made of. */
  readonly kind: 'proxies' | 'namespaces';
  open(): Promise<Network>;
  close(): Promise<void>;
}
