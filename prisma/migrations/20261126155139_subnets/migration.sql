-- AlterEnum
ALTER TYPE "ArtifactKind" ADD VALUE 'addendum';

-- AlterEnum
ALTER TYPE "JobStage" ADD VALUE 'derive';

-- AlterTable
ALTER TABLE "Job" ADD COLUMN     "derivation" JSONB;

-- AlterTable
ALTER TABLE "MeasuringTask" ADD COLUMN     "awaitsDeployment" BOOLEAN,
ADD COLUMN     "deployed" JSONB,
ADD COLUMN     "deploys" JSONB;

-- CreateTable
CREATE TABLE "ModelAddendum" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "modelVersionId" UUID NOT NULL,
    "digest" TEXT NOT NULL,
    "bytes" BIGINT NOT NULL,
    "ratios" JSONB NOT NULL,
    "testImages" INTEGER NOT NULL,
    "jobId" UUID,

    CONSTRAINT "ModelAddendum_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "ModelAddendum_jobId_key" ON "ModelAddendum"("jobId");

-- CreateIndex
CREATE INDEX "ModelAddendum_teamId_idx" ON "ModelAddendum"("teamId");

-- CreateIndex
CREATE UNIQUE INDEX "ModelAddendum_modelVersionId_digest_key" ON "ModelAddendum"("modelVersionId", "digest");

-- CreateIndex
CREATE INDEX "MeasuringTask_awaitsDeployment_id_idx" ON "MeasuringTask"("awaitsDeployment", "id");

-- AddForeignKey
ALTER TABLE "ModelAddendum" ADD CONSTRAINT "ModelAddendum_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModelAddendum" ADD CONSTRAINT "ModelAddendum_modelVersionId_fkey" FOREIGN KEY ("modelVersionId") REFERENCES "ModelVersion"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModelAddendum" ADD CONSTRAINT "ModelAddendum_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE SET NULL ON UPDATE CASCADE;
