-- AlterTable
ALTER TABLE "Sweep" ADD COLUMN     "labels" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "model" TEXT;

-- Of the sweeps that there are
UPDATE "Sweep" SET "labels" = coalesce("spec" -> 'labels', '{}'), "model" = "spec" #>> '{base,model}';

-- AlterTable
ALTER TABLE "Sweep" ALTER COLUMN "model" SET NOT NULL;

-- CreateIndex
CREATE INDEX "Sweep_teamId_model_createdAt_id_idx" ON "Sweep"("teamId", "model", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Sweep_teamId_owner_createdAt_id_idx" ON "Sweep"("teamId", "owner", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Sweep_labels_idx" ON "Sweep" USING GIN ("labels" jsonb_path_ops);
