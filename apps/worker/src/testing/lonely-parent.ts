/** A worker reduced to its training process: prints that one's pid and trains until it is killed. */
import { runInTrainingProcess } from '../training-process.js';
import { aListener, aTrainingOrder, ENDLESS_TRAINING, TRAINING_PROCESS } from './training-orders.js';

const order = await aTrainingOrder(process.argv[2]!, { training: ENDLESS_TRAINING });
let pid = 0;
await runInTrainingProcess(
  order,
  {
    signal: new AbortController().signal,
    stop: new AbortController().signal,
    listener: aListener({ onProgress: () => process.stdout.write(`training ${pid}\n`) }),
  },
  { ...TRAINING_PROCESS, onStart: (started) => (pid = started) },
);
