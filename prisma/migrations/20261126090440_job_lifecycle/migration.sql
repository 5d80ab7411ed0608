-- AlterEnum
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


ALTER TYPE "JobStage" ADD VALUE 'measure';
ALTER TYPE "JobStage" ADD VALUE 'calibrate';

-- AlterEnum
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


ALTER TYPE "JobState" ADD VALUE 'pausing';
ALTER TYPE "JobState" ADD VALUE 'paused';
ALTER TYPE "JobState" ADD VALUE 'cancelling';
ALTER TYPE "JobState" ADD VALUE 'cancelled';

-- AlterEnum
ALTER TYPE "MeasuringTaskState" ADD VALUE 'cancelled';

-- AlterTable
ALTER TABLE "Job" ADD COLUMN     "attemptsBefore" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "checkpoint" JSONB,
ADD COLUMN     "generation" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "labels" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "latencyTableId" UUID,
ADD COLUMN     "metricSteps" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "pin" JSONB,
ADD COLUMN     "priority" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "until" "JobStage" NOT NULL DEFAULT 'publish',
ADD COLUMN     "waiting" JSONB,
ADD COLUMN     "worker" JSONB;

-- AlterTable
ALTER TABLE "OutboxMessage" ADD COLUMN     "generation" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "priority" INTEGER NOT NULL DEFAULT 0;

-- CreateIndex
CREATE INDEX "JobEvent_jobId_type_sequence_idx" ON "JobEvent"("jobId", "type", "sequence");
