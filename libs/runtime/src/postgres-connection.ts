/** After so long without an answer, each side takes the other one for gone. */
const SILENCE_SECONDS = 20;

/**
 * Options of pg for a connection to PostgreSQL that may break without anybody being told: a machine that loses power, a pulled cable.
 * The server then ends its side in seconds, not hours, and with it the locks of a transaction that nobody will end. Options in the
 * URL come before these.
 */
export function postgresConnection(databaseUrl: string) {
  const server = {
    tcp_keepalives_idle: SILENCE_SECONDS / 2,
    tcp_keepalives_interval: SILENCE_SECONDS / 4,
    tcp_keepalives_count: 2,
    tcp_user_timeout: 1000 * SILENCE_SECONDS,
    idle_in_transaction_session_timeout: 1000 * SILENCE_SECONDS,
  };
  const settings = Object.entries(server).map(([name, value]) => `-c ${name}=${value}`);
  return {
    connectionString: databaseUrl,
    keepAlive: true,
    keepAliveInitialDelayMillis: 500 * SILENCE_SECONDS,
    options: settings.join(' '),
  };
}
