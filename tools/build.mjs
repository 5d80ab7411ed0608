// Builds dist/: generates the database client when its schema has changed, then compiles what has changed and notes what code it is. Says nothing unless it
// fails or waits for another build: whoever builds wants what comes after.
import { alone } from './build/build-lock.mjs';
import { namingCode } from './build/code-digest.mjs';
import { generateClient } from './build/generate-client.mjs';
import { BUILD_FILE, BUILD_LOCK, ROOT, runTool } from './build/run-tool.mjs';

try {
  await alone(BUILD_LOCK, () => {
    generateClient();
    namingCode(ROOT, BUILD_FILE, () => runTool('tsc', ['-p', 'tsconfig.build.json']));
  });
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
