// s3rver with one bucket, for tests: node s3-server.mjs FOLDER PORT BUCKET. Where it differs from S3 in what Isochron
// relies on, it is made to behave: objects appear all at once, and ranges of no bytes or of the first byte are what they are.
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import S3rver from 's3rver';

const [directory, port, name] = process.argv.slice(2);
const server = new S3rver({
  ...{ directory, port: Number(port), address: '127.0.0.1', silent: true },
  configureBuckets: [{ name }],
});
const { store } = server;
const getObject = store.getObject.bind(store);

/** s3rver writes to the object itself, and answers before all of it is on the disk. */
store.putObject = async ({ bucket, key, content }) => {
  const target = store.getResourcePath(bucket, key, 'object');
  const md5 = createHash('md5').update(randomUUID()).digest('hex'); // nobody compares it
  await put(`${target}.md5`, Readable.from([md5]));
  const size = await put(target, Buffer.isBuffer(content) ? Readable.from([content]) : content);
  return { size, md5 };
};

async function put(target, content) {
  const incoming = path.join(directory, `.${randomUUID()}`);
  await pipeline(content, createWriteStream(incoming));
  const { size } = await fs.stat(incoming);
  await fs.mkdir(path.dirname(target), { recursive: true });
  await fs.rename(incoming, target);
  return size;
}

/** s3rver takes an end of 0 for none, and an empty object for one of one byte. */
store.getObject = async (bucket, key, options) => {
  const end = options?.end === undefined ? undefined : String(options.end);
  const object = await getObject(bucket, key, { ...options, end });
  if (!object?.range || object.size > 0) return object;
  object.content?.destroy();
  object.content = null;
  return object;
};

await server.run();
