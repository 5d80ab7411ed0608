export { QueueMessageError, QUEUES, type QueueData, type QueueName } from './catalogue.js';
export {
  ConsumerStopped,
  LockLost,
  MessageRefused,
  type ConsumeOptions,
  type Consumer,
  type Delivery,
  type Handler,
} from './consumer.js';
export { jobMessages, type JobMessages } from './job-messages.js';
export { sweepMessages } from './sweep-messages.js';
export {
  openQueue,
  type MessageCounts,
  type OpenQueue,
  type QueuedMessage,
  type WorkQueue,
} from './work-queue.js';
