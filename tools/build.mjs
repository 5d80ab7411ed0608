// Builds dist/: generates the database client when its schema has changed, then compiles what has changed. Says nothing unless it
// fails or waits for another build: whoever builds wants what comes after.
import { alone } from './build/build-lock.mjs';
import { generateClient } from './build/generate-client.mjs';
import { BUILD_LOCK, runTool } from './build/run-tool.mjs';

try {
  await alone(BUILD_LOCK, () => {
    generateClient();
    runTool('tsc', ['-p', 'tsconfig.build.json']);
  });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
