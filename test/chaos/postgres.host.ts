/** A process that holds an embedded PostgreSQL, so that both can be killed like a machine: `postgres.host.ts FOLDER`. */
import { startEmbeddedPostgres } from '#storage';

const server = await startEmbeddedPostgres({ folder: process.argv[2]! });
process.send?.({ type: 'ready', url: `${server.pid} ${server.url}` });
process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
process.once('disconnect', () => void server.stop().then(() => process.exit(0)));
