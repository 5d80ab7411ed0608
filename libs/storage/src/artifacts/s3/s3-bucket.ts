import { finished, PassThrough, type Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { ByteRange } from '../artifact-store.js';
import type { ObjectFile } from '../object-files.js';
import { unread } from '../unread-content.js';
import { brokenOff, errorOfStore, isNoSuchObject, isOutsideObject } from './s3-errors.js';

/** So an object may have 80 GB (S3 takes 10,000 parts), and an upload holds three parts in memory. */
const PART_BYTES = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 3;

/** A folder of a bucket. The client retries; what still fails is AppError unavailable. */
export class S3Bucket {
  /** @param prefix `""`, or what the keys here begin with in the bucket, up to a `/` */
  constructor(
    private readonly client: S3Client,
    private readonly bucket: string,
    private readonly prefix: string,
  ) {}

  folder(name: string): S3Bucket {
    return new S3Bucket(this.client, this.bucket, `${this.prefix}${name}/`);
  }

  async putBytes(key: string, content: Uint8Array): Promise<void> {
    await this.answer(this.client.send(new PutObjectCommand({ ...this.at(key), Body: content })));
  }

  /** Streams content in parts; the object appears when all of them are there, and parts of a failed upload go. */
  async upload(key: string, content: Readable): Promise<void> {
    const upload = new Upload({
      client: this.client,
      params: { ...this.at(key), Body: unread(content) },
      partSize: PART_BYTES,
      queueSize: PARTS_AT_ONCE,
    });
    await this.answer(upload.done()).finally(() => content.destroy());
  }

  /** Its size; undefined when there is no object. */
  async bytesOf(key: string): Promise<number | undefined> {
    const sent = this.client.send(new HeadObjectCommand(this.at(key)));
    const found = await this.answer(sent.catch(unlessNotThere));
    return typeof found === 'string' ? undefined : (found.ContentLength ?? 0);
  }

  /** Its content, or what is wrong: there is no object, or it ends before the range. */
  async open(key: string, range?: ByteRange): Promise<Readable | 'missing' | 'outside'> {
    const Range = range && `bytes=${range.first}-${range.last}`;
    const sent = this.client.send(new GetObjectCommand({ ...this.at(key), Range }));
    const found = await this.answer(sent.catch(unlessNotThere));
    return typeof found === 'string' ? found : this.content(found.Body as Readable);
  }

  /** What is not there is removed already. */
  async remove(key: string): Promise<void> {
    await this.answer(this.client.send(new DeleteObjectCommand(this.at(key))));
  }

  /** In the order of their keys. */
  async list(prefix: string): Promise<ObjectFile[]> {
    const files: ObjectFile[] = [];
    for await (const file of this.each(prefix)) files.push(file);
    return files.sort((a, b) => (a.key < b.key ? -1 : 1)); // not every server does
  }

  /** One after the other, in the order in which the server tells them. */
  async *each(prefix: string): AsyncGenerator<ObjectFile> {
    const query = { Bucket: this.bucket, Prefix: this.prefix + prefix };
    try {
      for await (const page of paginateListObjectsV2({ client: this.client }, query)) {
        for (const { Key, Size, LastModified } of page.Contents ?? []) {
          yield { key: Key!.slice(this.prefix.length), bytes: Size!, modifiedAt: LastModified! };
        }
      }
    } catch (error) {
      throw errorOfStore(this.bucket, error);
    }
  }

  async check(signal: AbortSignal): Promise<void> {
    const command = new HeadBucketCommand({ Bucket: this.bucket });
    await this.answer(this.client.send(command, { abortSignal: signal }));
  }

  /** A connection that breaks on the way is the store's fault, not the reader's. */
  private content(body: Readable): Readable {
    const passing = new PassThrough();
    finished(body, (error) => error && passing.destroy(brokenOff(this.bucket, error)));
    passing.once('close', () => body.destroy());
    return body.pipe(passing);
  }

  private at(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.bucket, Key: this.prefix + key };
  }

  private answer<T>(sent: Promise<T>): Promise<T> {
    return sent.catch((error: unknown) => {
      throw errorOfStore(this.bucket, error);
    });
  }
}

function unlessNotThere(error: unknown): 'missing' | 'outside' {
  if (isNoSuchObject(error)) return 'missing';
  if (isOutsideObject(error)) return 'outside';
  throw error;
}
