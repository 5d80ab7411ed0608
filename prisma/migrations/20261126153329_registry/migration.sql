-- CreateEnum
CREATE TYPE "ModelVersionSource" AS ENUM ('job', 'upload');

-- CreateEnum
CREATE TYPE "AliasRole" AS ENUM ('admin', 'member');

-- AlterTable
ALTER TABLE "Model" ADD COLUMN     "deletedAt" TIMESTAMPTZ(3),
ADD COLUMN     "deletedBy" TEXT,
ADD COLUMN     "description" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "lastNumber" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "purgedAt" TIMESTAMPTZ(3),
ADD COLUMN     "tags" JSONB NOT NULL DEFAULT '{}',
ALTER COLUMN "latestVersion" DROP NOT NULL;

-- Versions were never removed: the newest one has the last number.
UPDATE "Model" SET "lastNumber" = "latestVersion";

-- AlterTable
ALTER TABLE "ModelVersion" ADD COLUMN     "bytes" BIGINT,
ADD COLUMN     "deletedAt" TIMESTAMPTZ(3),
ADD COLUMN     "deletedBy" TEXT,
ADD COLUMN     "description" TEXT NOT NULL DEFAULT '',
ADD COLUMN     "digest" TEXT,
ADD COLUMN     "parent" JSONB,
ADD COLUMN     "parentVersionId" UUID,
ADD COLUMN     "source" "ModelVersionSource" NOT NULL DEFAULT 'job',
ADD COLUMN     "tags" JSONB NOT NULL DEFAULT '{}',
ALTER COLUMN "jobId" DROP NOT NULL,
ALTER COLUMN "datasetId" DROP NOT NULL,
ALTER COLUMN "datasetDigest" DROP NOT NULL,
ALTER COLUMN "training" DROP NOT NULL;

-- Digest and size of the bundles of versions that are there.
UPDATE "ModelVersion" SET digest = bundle->>'digest', bytes = (bundle->>'bytes')::bigint;
ALTER TABLE "ModelVersion" ALTER COLUMN "digest" SET NOT NULL,
ALTER COLUMN "bytes" SET NOT NULL;

-- CreateTable
CREATE TABLE "ModelAlias" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "modelId" UUID NOT NULL,
    "alias" TEXT NOT NULL,
    "versionId" UUID NOT NULL,
    "movedAt" TIMESTAMPTZ(3) NOT NULL,
    "movedBy" TEXT NOT NULL,
    "reason" TEXT,

    CONSTRAINT "ModelAlias_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ModelAliasChange" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "modelId" UUID NOT NULL,
    "alias" TEXT NOT NULL,
    "fromVersion" INTEGER,
    "toVersion" INTEGER,
    "versionId" UUID,
    "digest" TEXT,
    "reason" TEXT,

    CONSTRAINT "ModelAliasChange_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ProtectedAlias" (
    "teamId" UUID NOT NULL,
    "alias" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "role" "AliasRole" NOT NULL,

    CONSTRAINT "ProtectedAlias_pkey" PRIMARY KEY ("teamId","alias")
);

-- CreateTable
CREATE TABLE "Upload" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "digest" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "offset" BIGINT NOT NULL DEFAULT 0,
    "parts" JSONB NOT NULL DEFAULT '[]',
    "completedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Upload_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ArtifactRemoval" (
    "digest" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ArtifactRemoval_pkey" PRIMARY KEY ("digest")
);

-- CreateIndex
CREATE INDEX "ModelAlias_versionId_idx" ON "ModelAlias"("versionId");

-- CreateIndex
CREATE INDEX "ModelAlias_teamId_idx" ON "ModelAlias"("teamId");

-- CreateIndex
CREATE UNIQUE INDEX "ModelAlias_modelId_alias_key" ON "ModelAlias"("modelId", "alias");

-- CreateIndex
CREATE INDEX "ModelAliasChange_modelId_alias_createdAt_id_idx" ON "ModelAliasChange"("modelId", "alias", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "ModelAliasChange_teamId_idx" ON "ModelAliasChange"("teamId");

-- CreateIndex
CREATE INDEX "Upload_teamId_digest_idx" ON "Upload"("teamId", "digest");

-- CreateIndex
CREATE INDEX "Upload_updatedAt_idx" ON "Upload"("updatedAt");

-- CreateIndex
CREATE INDEX "ArtifactRemoval_createdAt_idx" ON "ArtifactRemoval"("createdAt");

-- CreateIndex
CREATE INDEX "Artifact_digest_idx" ON "Artifact"("digest");

-- CreateIndex
CREATE INDEX "Model_deletedAt_idx" ON "Model"("deletedAt");

-- CreateIndex
CREATE INDEX "ModelVersion_teamId_digest_idx" ON "ModelVersion"("teamId", "digest");

-- CreateIndex
CREATE INDEX "ModelVersion_parentVersionId_idx" ON "ModelVersion"("parentVersionId");

-- CreateIndex
CREATE INDEX "ModelVersion_deletedAt_idx" ON "ModelVersion"("deletedAt");

-- CreateIndex
CREATE UNIQUE INDEX "ModelVersion_modelId_digest_key" ON "ModelVersion"("modelId", "digest");

-- AddForeignKey
ALTER TABLE "ModelAlias" ADD CONSTRAINT "ModelAlias_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModelAlias" ADD CONSTRAINT "ModelAlias_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "Model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModelAlias" ADD CONSTRAINT "ModelAlias_versionId_fkey" FOREIGN KEY ("versionId") REFERENCES "ModelVersion"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModelAliasChange" ADD CONSTRAINT "ModelAliasChange_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModelAliasChange" ADD CONSTRAINT "ModelAliasChange_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "Model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ProtectedAlias" ADD CONSTRAINT "ProtectedAlias_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Upload" ADD CONSTRAINT "Upload_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
