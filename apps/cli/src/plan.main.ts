import { plan } from './plan/plan.js';

const { exitCode, output, errors } = await plan(process.argv.slice(2));
process.stdout.write(output);
process.stderr.write(errors);
process.exitCode = exitCode;
