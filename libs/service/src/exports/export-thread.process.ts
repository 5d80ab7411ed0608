import { parentPort } from 'node:worker_threads';
import { BundleError, exportSubnet, readBundleWithAddenda, type SubnetExport } from '#bundle';
import type { ExportReply, ExportRequest } from './export-messages.js';
import { tarOf } from './tar.js';

/** A thread that makes files of subnets: for a large network that takes a fifth of a second, which an API must not stand still for. */

parentPort!.on('message', (request: ExportRequest) => {
  const reply = replyTo(request);
  parentPort!.postMessage(reply, reply.kind === 'file' ? [reply.bytes.buffer] : []);
});

function replyTo({ bundle, addendum, ratio, target, published }: ExportRequest): ExportReply {
  try {
    const read = readBundleWithAddenda(bundle, addendum === undefined ? [] : [addendum]);
    return { kind: 'file', bytes: owned(fileOf(exportSubnet(read, ratio, target, published))) };
  } catch (error) {
    const { message } = error as Error;
    return { kind: error instanceof BundleError ? 'damaged' : 'failed', message };
  }
}

function fileOf({ format, files }: SubnetExport): Uint8Array {
  return format === 'onnx' ? files[0]!.bytes : tarOf(files);
}

/** With a buffer of its own, that can be handed over. */
function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const isAll = bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
  return isAll ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}
