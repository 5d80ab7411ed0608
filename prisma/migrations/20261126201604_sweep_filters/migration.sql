-- AlterTable
ALTER TABLE "Sweep" ADD COLUMN     "labels" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "model" TEXT;

-- Of the sweeps that there are
UPDATE "Sweep" SET "labels" = coalesce("spec" -> 'labels', '{}'), "model" = "spec" #>> '{base,model}';

-- AlterTable
-- With a default for an API of the version before, which may run a while beside this one
ALTER TABLE "Sweep" ALTER COLUMN "model" SET NOT NULL,
ALTER COLUMN "model" SET DEFAULT '';

-- CreateIndex
CREATE INDEX "Sweep_teamId_model_createdAt_id_idx" ON "Sweep"("teamId", "model", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Sweep_teamId_owner_createdAt_id_idx" ON "Sweep"("teamId", "owner", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Sweep_labels_idx" ON "Sweep" USING GIN ("labels" jsonb_path_ops);
