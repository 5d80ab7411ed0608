import { randomUUID } from 'node:crypto';
import type { Actor } from '#contracts';
import type { AliasMove } from '#registry';
import { aDraftOf, aModelVersion } from './registry-fixtures.js';
import { publishDraft, type RegistryRepositoriesHarness } from './registry-harness.js';

const day = (n: number) => new Date(Date.UTC(2030, 0, n));

/** What every repository of aliases promises. `open` gives an empty one. */
export function aliasesConformance(name: string, open: () => Promise<RegistryRepositoriesHarness>): void {
  describe(`${name} as a repository of aliases`, () => {
    let harness: RegistryRepositoriesHarness;
    beforeEach(async () => void (harness = await open()));
    afterEach(() => harness.close());

    const publish = async (actor: Actor = harness.actor) => {
      const job = await harness.newJob(actor);
      const lineage = { ...job, datasetDigest: 'e'.repeat(64) };
      const build = (version: number) => aModelVersion(actor, lineage, { version });
      return publishDraft(harness.products, job.jobId, aDraftOf(actor, build));
    };
    const production = { model: 'digits', alias: 'production' };
    const move = (version: number, changes: Partial<AliasMove> = {}, check = () => {}) =>
      harness.aliases.move(
        {
          ...{ ...production, actor: harness.actor, version, at: day(1) },
          ids: { alias: randomUUID(), change: randomUUID() },
          ...changes,
        },
        check,
      );
    const removal = (at: Date) => ({ ...production, actor: harness.actor, at, changeId: randomUUID() });

    it('points an alias to a version, and says since when, by whom and why', async () => {
      const { actor, stranger, aliases } = harness;
      const { id: versionId, bundle } = await publish();
      const { alias, isNew } = await move(1, { reason: 'passed' });
      const moved = { movedAt: day(1).toISOString(), movedBy: actor.owner, reason: 'passed' };
      expect(isNew).toBe(true);
      expect(alias).toEqual({ ...production, version: 1, versionId, digest: bundle.digest, ...moved });
      expect(await aliases.find(actor, production)).toEqual(alias);
      expect(await aliases.findBundle(actor, production)).toEqual({
        ...{ version: 1, digest: bundle.digest, bytes: bundle.bytes },
      });
      expect(await aliases.find(stranger, production)).toBeUndefined();
      expect(await aliases.findBundle(stranger, production)).toBeUndefined();
      expect(await aliases.find(actor, { ...production, alias: 'other' })).toBeUndefined();
    });

    it('moves an alias with a line of its history, and not where it is already', async () => {
      const { actor, aliases } = harness;
      await publish();
      await publish();
      await move(1);
      const second = await move(2, { at: day(2), actor: { ...actor, owner: 'grace' } });
      expect(second).toMatchObject({ isNew: false, alias: { version: 2, movedBy: 'grace' } });
      expect(second.alias).not.toHaveProperty('reason');
      expect(await move(2, { at: day(3) })).toEqual({ isNew: false, alias: second.alias });
      const { items } = await aliases.changes(actor, production, { limit: 9 });
      expect(items).toMatchObject([
        { fromVersion: 1, toVersion: 2, owner: 'grace', createdAt: day(2).toISOString() },
        { toVersion: 1, owner: actor.owner, createdAt: day(1).toISOString() },
      ]);
      expect(items[1]).not.toHaveProperty('fromVersion');
    });

    it('knows what an alias pointed to at any time, also one that is gone', async () => {
      const { actor, stranger, aliases } = harness;
      await publish();
      await publish();
      await move(1, { at: day(2) });
      await move(2, { at: day(4) });
      await aliases.remove(removal(day(6)), () => {});
      expect(await aliases.find(actor, production)).toBeUndefined();
      const at = async (n: number) => (await aliases.changeAt(actor, production, day(n)))?.toVersion;
      expect([await at(1), await at(2), await at(3), await at(5)]).toEqual([undefined, 1, 1, 2]);
      expect(await aliases.changeAt(actor, production, day(7))).not.toHaveProperty('toVersion');
      expect(await aliases.changeAt(stranger, production, day(3))).toBeUndefined();
      await expect(aliases.remove(removal(day(7)), () => {})).rejects.toMatchObject({ code: 'not_found' });
    });

    it('has the lines of an alias in the order of its moves, whatever the clocks say', async () => {
      const { actor, aliases } = harness;
      await publish();
      await publish();
      await move(1, { at: day(5) });
      await move(2, { at: day(5) });
      await move(1, { at: day(3) });
      const first = await aliases.changes(actor, production, { limit: 2 });
      const rest = await aliases.changes(actor, production, { limit: 2, cursor: first.nextCursor });
      const lines = [...first.items, ...rest.items];
      expect(lines.map(({ toVersion }) => toVersion)).toEqual([1, 2, 1]);
      expect(lines.map(({ createdAt }) => Date.parse(createdAt) - day(5).getTime())).toEqual([2, 1, 0]);
    });

    it('moves nothing where the check throws, which sees what the alias points to', async () => {
      const { actor, aliases } = harness;
      await publish();
      await publish();
      await move(1);
      const refusing = move(2, {}, () => {
        throw new Error('not so');
      });
      await expect(refusing).rejects.toThrow('not so');
      expect(await aliases.find(actor, production)).toMatchObject({ version: 1 });
      expect((await aliases.changes(actor, production, { limit: 9 })).items).toHaveLength(1);
    });

    it('lets one of several win who all expect the alias not to be there', async () => {
      await publish();
      await publish();
      const seen: unknown[] = [];
      const tries = [1, 2, 1, 2].map((version) =>
        harness.aliases.move(
          {
            ...{ ...production, actor: harness.actor, version, at: day(1) },
            ids: { alias: randomUUID(), change: randomUUID() },
          },
          (current) => {
            seen.push(current);
            if (current !== undefined) throw new Error('there already');
          },
        ),
      );
      const outcomes = await Promise.allSettled(tries);
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(seen.filter((current) => current === undefined)).toHaveLength(1);
    });

    it('points to versions that are there alone, and keeps them from being purged', async () => {
      const { actor, stranger, models, aliases } = harness;
      await expect(move(1)).rejects.toMatchObject({ code: 'not_found' });
      await publish();
      const unknown = {
        code: 'invalid_request',
        fields: [expect.objectContaining({ field: 'version', value: 2 })],
      };
      await expect(move(2)).rejects.toMatchObject(unknown);
      await expect(move(1, { actor: stranger })).rejects.toMatchObject({ code: 'not_found' });
      await move(1);
      await move(1, { alias: 'champion' });
      const seen: unknown[] = [];
      await models.updateVersion(actor, { name: 'digits', version: 1 }, (before, names) => {
        seen.push(names);
        return before;
      });
      await models.updateModel(actor, 'digits', (before, names) => {
        seen.push(names);
        return before;
      });
      expect(seen).toEqual([
        ['champion', 'production'],
        ['champion', 'production'],
      ]);
      await expect(aliases.remove({ ...removal(day(2)), actor: stranger }, () => {})).rejects.toMatchObject({
        code: 'not_found',
      });
    });

    it('lists the aliases of a model page by page', async () => {
      const { actor, stranger, aliases } = harness;
      await publish();
      for (const [i, alias] of ['a', 'b', 'c'].entries()) await move(1, { alias, at: day(i + 1) });
      const first = await aliases.list(actor, 'digits', { limit: 2 });
      const rest = await aliases.list(actor, 'digits', { limit: 2, cursor: first.nextCursor });
      expect([...first.items, ...rest.items].map(({ alias }) => alias)).toEqual(['c', 'b', 'a']);
      expect(await aliases.list(stranger, 'digits', { limit: 2 })).toEqual({ items: [] });
      expect(await aliases.listOf(actor, ['digits', 'none'])).toEqual([...first.items, ...rest.items]);
      expect(await aliases.listOf(stranger, ['digits'])).toEqual([]);
    });
  });
}
