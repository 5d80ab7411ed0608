import fs from 'node:fs';
import path from 'node:path';
import { isBuilt, read, ROOT } from './facts.js';

interface Stage {
  readonly name: string | undefined;
  readonly from: string;
  readonly lines: readonly string[];
}

/** With continued lines joined, without comments. */
const lines = read('Dockerfile')
  .replaceAll('\\\n', ' ')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

const stages = lines.reduce<Stage[]>((found, line) => {
  const [, from, name] = /^FROM (\S+)(?: AS (\S+))?$/.exec(line) ?? [];
  if (from !== undefined) return [...found, { name, from, lines: [] }];
  const last = found.at(-1);
  return last ? [...found.slice(0, -1), { ...last, lines: [...last.lines, line] }] : found;
}, []);
const images = stages.filter(({ name }) => name === undefined || name === 'gpu');

interface Copy {
  readonly stage: string | undefined;
  readonly sources: readonly string[];
}
const copiesOf = (stage: Stage): Copy[] =>
  stage.lines
    .filter((line) => line.startsWith('COPY '))
    .map((line) => {
      const words = line.split(/\s+/).slice(1);
      const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
      return { stage: from, sources: words.filter((word) => !word.startsWith('--')).slice(0, -1) };
    });

test('ends with the image for CPUs, which is built where no target is named', () => {
  expect(stages.map(({ name }) => name)).toEqual(['build', 'engines', 'gpu', undefined]);
});

test.each(stages)('stage $name copies only what is there, from stages before it', (stage) => {
  const ignored = new Set(read('.dockerignore').split('\n').filter(Boolean));
  const before = stages.slice(0, stages.indexOf(stage)).map(({ name }) => name);
  for (const { stage: from, sources } of copiesOf(stage)) {
    if (from !== undefined) expect(before).toContain(from);
    for (const source of from === undefined ? sources : []) {
      expect([source, fs.existsSync(path.join(ROOT, source))]).toEqual([source, true]);
      expect(ignored.has(source)).toBe(false);
    }
  }
});

test.each(images)('image $name has what its processes need', (stage) => {
  const copied = copiesOf(stage).flatMap(({ sources }) =>
    sources.map((source) => source.replace(/^\/app\//, '')),
  );
  expect(copied).toEqual(expect.arrayContaining(['node_modules', 'package.json', 'prisma', 'dist']));
});

test.each(images)('image $name does not run as root', ({ lines: own }) => {
  const users = own.filter((line) => line.startsWith('USER '));
  expect(users).toEqual([expect.stringMatching(/^USER (node|1000:1000)$/)]);
});

test.each(images)('the command of image $name is a file that the build makes', ({ lines: own }) => {
  const command = own.find((line) => line.startsWith('CMD '))!.slice('CMD '.length);
  const [program, file] = JSON.parse(command) as string[];
  expect(program).toBe('node');
  expect(isBuilt(file!)).toBe(true);
});

test('the image for graphics cards is provisioned with engines that there are', () => {
  const engines = stages.find(({ name }) => name === 'engines')!.lines.join('\n');
  expect(engines).toContain('npm run provision -- ${ENGINES}');
  const [, preset] = /^ARG ENGINES=(.*)$/m.exec(engines)!;
  const known = [...read('tools/provision.mjs').matchAll(/^ {2}'?([a-z-]+)'?: (?:\(|provision)/gm)].map(
    (m) => m[1],
  );
  expect(known).toContain('cuda');
  for (const name of preset!.split(' ')) expect(known).toContain(name);
});
