export { probeTfjs } from './probe-tfjs.js';
export { createTfjsExecutor } from './tfjs-executor.js';
