import fs from 'node:fs';
import { temporaryFolder, testDatabase, type TestDatabase } from '#testkit';
import { makeAdminKey, makeTeam, rotateSigningKey } from './access-commands.js';
import { adminKeyFile, ensureAdminKey, readAdminKey } from './admin-key.js';
import { withAccess, type AccessServices } from './open-access.js';

let database: TestDatabase;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
beforeEach(async () => {
  [database, folder] = [await testDatabase(), await temporaryFolder('access')];
});
afterEach(async () => {
  await database.drop();
  await folder.remove();
});

const work = <T>(does: (services: AccessServices) => Promise<T>) =>
  withAccess({ databaseUrl: database.url, artifactsUrl: folder.path }, does);
const options = (more: object = {}) => ({ name: 'admin', keep: false, dataDir: folder.path, ...more });
const KEY = /iso_[\w-]{32}/;
const callerOf = (text: string) => work(({ apiKeys }) => apiKeys.identify(KEY.exec(text)![0]));

test('the first start makes an admin key, shows it once and keeps it for its owner alone', async () => {
  const said: string[] = [];
  const start = () => work((services) => ensureAdminKey(services, folder.path, (text) => said.push(text)));
  await start();
  const key = readAdminKey(folder.path)!;
  expect(said).toEqual([expect.stringContaining(key)]);
  expect(fs.statSync(adminKeyFile(folder.path)).mode & 0o777).toBe(0o600);
  expect(await callerOf(key)).toMatchObject({ role: 'admin', owner: 'first-admin' });
  await start();
  expect(said).toHaveLength(1);
});

test('where the key was lost the start says how to make another', async () => {
  await work((services) => makeAdminKey(services, 'default', options()));
  const said: string[] = [];
  await work((services) => ensureAdminKey(services, folder.path, (text) => said.push(text)));
  expect(said).toEqual([expect.stringContaining('npm run access -- admin-key')]);
  const printed = await work((services) => makeAdminKey(services, 'default', options({ keep: true })));
  expect(printed).toContain(readAdminKey(folder.path));
});

test('a team gets an admin key of its own, and its name once', async () => {
  const printed = await work((services) => makeTeam(services, 'lab', options({ name: 'ada' })));
  const caller = await callerOf(printed);
  expect(caller).toMatchObject({ role: 'admin', owner: 'ada' });
  expect(await work(({ teams }) => teams.of(caller!))).toMatchObject({ name: 'lab' });
  const again = work((services) => makeTeam(services, 'lab', options()));
  await expect(again).rejects.toMatchObject({ code: 'already_exists' });
  const unknown = work((services) => makeAdminKey(services, 'nobody', options()));
  await expect(unknown).rejects.toMatchObject({ code: 'not_found' });
});

test('what is done at the console is in the audit log of the team', async () => {
  const printed = await work((services) => makeTeam(services, 'lab', options()));
  const caller = (await callerOf(printed))!;
  const { items } = await work(({ auditLog }) => auditLog.list(caller, { limit: 10 }));
  expect(items.map(({ action, actor }) => [action, actor.kind])).toEqual([
    ['createApiKey', 'console'],
    ['createTeam', 'console'],
  ]);
  expect(JSON.stringify(items)).not.toMatch(KEY);
});

test('another key signs reports after a rotation, and the one before stays known unless it leaked', async () => {
  const keysOf = () => work(({ signingKeys }) => signingKeys.keySet());
  const [first] = (await keysOf()).keys;
  const printed = await work((services) => rotateSigningKey(services, false));
  const [second, former] = (await keysOf()).keys;
  expect(printed).toContain(`signed with key ${second!.kid} from now on`);
  expect(former).toMatchObject({ kid: first!.kid, retiredAt: expect.any(String) });
  expect(await work((services) => rotateSigningKey(services, true))).toContain('is forgotten');
  const kids = (await keysOf()).keys.map(({ kid }) => kid);
  expect([kids.length, kids.includes(second!.kid), kids.includes(first!.kid)]).toEqual([2, false, true]);
});
