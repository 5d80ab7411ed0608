import { report } from './report/report.js';

const { exitCode, output, errors } = await report(process.argv.slice(2));
process.stdout.write(output);
process.stderr.write(errors);
process.exitCode = exitCode;
