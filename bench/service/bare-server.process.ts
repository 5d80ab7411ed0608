import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { Pool } from 'pg';
import { answerOrder } from './child.js';

/** Listen on a port until killed. */
export interface BareServerOrder {
  readonly port: number;
  readonly databaseUrl: string;
}

const CONNECTIONS = 10;

/**
 * The least that a server does to keep what it is sent: it takes JSON apart and inserts it as one row, in a transaction of its own. It tells how
 * fast the machine is.
 */
answerOrder<BareServerOrder, never>(async ({ port, databaseUrl }, { ready }) => {
  const pool = new Pool({ connectionString: databaseUrl, max: CONNECTIONS });
  await pool.query('CREATE TABLE bare (id uuid PRIMARY KEY, body jsonb NOT NULL)');
  const inserted = async (body: string): Promise<string> => {
    const id = randomUUID();
    await pool.query('INSERT INTO bare VALUES ($1, $2)', [id, JSON.stringify(JSON.parse(body))]);
    return JSON.stringify({ id });
  };
  const server = createServer((request, response) => {
    text(request)
      .then(inserted)
      .then(
        (answer) => response.writeHead(202, { 'content-length': answer.length }).end(answer),
        (error: Error) =>
          response.writeHead(500, { 'content-length': error.message.length }).end(error.message),
      );
  });
  server.listen(port, '127.0.0.1', ready);
  return new Promise<never>(() => {});
});
