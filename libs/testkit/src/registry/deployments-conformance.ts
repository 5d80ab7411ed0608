import { randomUUID } from 'node:crypto';
import type { Deployment } from '#contracts';
import type { StoredDrift } from '#registry';
import { publishDeployment, type RegistryRepositoriesHarness } from './registry-harness.js';

/** What every repository promises of deployments and of what the field says about them. `open` gives empty ones. */
export function deploymentsConformance(name: string, open: () => Promise<RegistryRepositoriesHarness>): void {
  describe(name, () => {
    let harness: RegistryRepositoriesHarness;
    beforeEach(async () => void (harness = await open()));
    afterEach(() => harness.close());
    const deploy = (changes: Partial<Deployment> = {}) => publishDeployment(harness, harness.actor, changes);

    describe('as repository of deployments', () => {
      it('finds a deployment for its team alone', async () => {
        const { models, actor, stranger } = harness;
        const deployment = await deploy();
        expect(await models.findDeployment(actor, deployment.id)).toEqual(deployment);
        expect(await models.findDeployment(stranger, deployment.id)).toBeUndefined();
        expect(await models.findDeployment(actor, randomUUID())).toBeUndefined();
        expect(await models.findDeployment(actor, 'no id')).toBeUndefined();
      });

      it('lists deployments page by page, newest first, of one device if asked', async () => {
        const { models, actor, stranger } = harness;
        const first = await deploy({ createdAt: '2030-01-01T00:00:00.000Z' });
        const second = await deploy({ createdAt: '2030-01-02T00:00:00.000Z' });
        const { deviceId } = first;
        const third = await deploy({ createdAt: '2030-01-03T00:00:00.000Z', deviceId });
        const page = await models.listDeployments(actor, { limit: 2 });
        expect(page.items).toEqual([third, second]);
        const rest = await models.listDeployments(actor, { limit: 2, cursor: page.nextCursor });
        expect(rest).toEqual({ items: [first] });
        expect((await models.listDeployments(actor, { limit: 5, deviceId })).items).toEqual([third, first]);
        expect((await models.listDeployments(stranger, { limit: 5 })).items).toEqual([]);
      });
    });

    describe('as repository of drift', () => {
      const now = new Date('2030-01-05T00:00:00.000Z');
      const update = (id: string, point: string, change: (before?: StoredDrift) => StoredDrift) =>
        harness.drifts.update(harness.actor, { deploymentId: id, operatingPoint: point, now }, change);

      it('keeps what it is given, point by point', async () => {
        const { drifts, actor, stranger } = harness;
        const { id } = await deploy();
        const seen: unknown[] = [];
        const put = (point: string, drift: StoredDrift) =>
          update(id, point, (before) => {
            seen.push(before);
            return drift;
          });
        const alarm = { drifted: 'slower' as const, at: new Date('2030-01-04T01:02:03.004Z') };
        const sequence = Number.MAX_SAFE_INTEGER;
        expect(await put('slow', aDrift('slow', 3))).toEqual(aDrift('slow', 3));
        const last = { ...aDrift('slow', 4), sequence, alarm };
        await put('slow', last);
        await put('fast', aDrift('fast', 1));
        expect(seen).toEqual([undefined, aDrift('slow', 3), undefined]);
        expect(await drifts.list(actor, id)).toEqual([aDrift('fast', 1), last]);
        expect(await drifts.list(stranger, id)).toEqual([]);
        expect(await drifts.list(actor, 'no id')).toEqual([]);
      });

      it('applies concurrent changes of one point one after the other', async () => {
        const { id } = await deploy();
        const more = (before?: StoredDrift) => aDrift('slow', (before?.state.blocks ?? 0) + 1);
        await Promise.all(Array.from({ length: 12 }, () => update(id, 'slow', more)));
        expect(await harness.drifts.list(harness.actor, id)).toEqual([aDrift('slow', 12)]);
      });

      it('writes nothing when the change fails or changes nothing', async () => {
        const { id } = await deploy();
        const failing = update(id, 'slow', () => {
          throw new Error('no latency');
        });
        await expect(failing).rejects.toThrow('no latency');
        expect(await harness.drifts.list(harness.actor, id)).toEqual([]);
        await update(id, 'slow', () => aDrift('slow', 1));
        expect(await update(id, 'slow', (before) => before!)).toEqual(aDrift('slow', 1));
      });

      it('has no drift of a deployment that the team has not', async () => {
        const { drifts, stranger } = harness;
        const { id } = await deploy();
        const change = () => aDrift('slow', 1);
        const place = { deploymentId: id, operatingPoint: 'slow', now };
        const unknown = { code: 'not_found' };
        await expect(drifts.update(stranger, place, change)).rejects.toMatchObject(unknown);
        await expect(update(randomUUID(), 'slow', change)).rejects.toMatchObject(unknown);
        await expect(update('no id', 'slow', change)).rejects.toMatchObject(unknown);
      });
    });
  });
}

function aDrift(operatingPoint: string, blocks: number): StoredDrift {
  const evidence = { slower: [1.5 ** blocks, 1.9 ** blocks], faster: [0.5, 0.1] };
  const state = { blocks, ...evidence, pendingMs: [11.168644104106352, 0.3], recentMediansMs: [1 / 3] };
  return { operatingPoint, state };
}
