import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DCLinter } from 'dclint';
import { temporaryFolder } from '#testkit';

/** Its rules of style are none of ours: the schema of the Compose Specification is, which it checks before all else. */
const linter = new DCLinter({ rules: {}, quiet: false, debug: false, exclude: [] });
const faultsOf = (file: string) => {
  const results: { messages: { rule: string }[] }[] = linter.lintFiles([file], false);
  return results.flatMap(({ messages }) => messages.filter(({ rule }) => rule === 'invalid-schema'));
};

test.each(['docker-compose.yml', 'deploy/compose/worker.yml'])(
  '%s is as the Compose Specification says',
  (file) => {
    expect(faultsOf(file)).toEqual([]);
  },
);

test('what the specification does not know is found', async () => {
  const folder = await temporaryFolder('compose');
  const file = path.join(folder.path, 'docker-compose.yml');
  await writeFile(file, 'services:\n  api:\n    image: isochron\n    restarts: always\n');
  expect(faultsOf(file)).not.toEqual([]);
  await folder.remove();
});
