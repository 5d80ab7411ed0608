import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { writeLocally } from '../durable-files.js';
import { checkedKey, checkedPrefix } from '../object-key.js';
import type { ObjectFile, ObjectFiles } from '../object-files.js';
import type { S3Bucket } from './s3-bucket.js';

/** Object files in a bucket: `a/b` is the object `files/a/b`. */
export class S3ObjectFiles implements ObjectFiles {
  private readonly objects: S3Bucket;

  constructor(bucket: S3Bucket) {
    this.objects = bucket.folder('files');
  }

  async put(key: string, localFile: string): Promise<void> {
    await this.objects.upload(checkedKey(key), createReadStream(localFile));
  }

  async fetch(key: string, localFile: string): Promise<boolean> {
    const content = await this.open(key);
    if (content === undefined) return false;
    await writeLocally(content, localFile);
    return true;
  }

  async open(key: string): Promise<Readable | undefined> {
    const content = await this.objects.open(checkedKey(key));
    return typeof content === 'string' ? undefined : content;
  }

  async remove(key: string): Promise<void> {
    await this.objects.remove(checkedKey(key));
  }

  async list(prefix: string): Promise<ObjectFile[]> {
    return this.objects.list(checkedPrefix(prefix));
  }
}
