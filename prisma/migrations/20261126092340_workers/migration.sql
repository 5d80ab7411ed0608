-- CreateEnum
CREATE TYPE "WorkerPhase" AS ENUM ('active', 'draining', 'drained');

-- AlterTable
ALTER TABLE "OutboxMessage" ADD COLUMN     "needsGpu" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "Team" ADD COLUMN     "maxRunningJobs" INTEGER;

-- CreateTable
CREATE TABLE "Worker" (
    "id" UUID NOT NULL,
    "teamId" UUID,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "name" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "labels" JSONB NOT NULL,
    "queues" TEXT[],
    "engines" JSONB NOT NULL,
    "device" TEXT NOT NULL,
    "memoryBytes" BIGINT NOT NULL,
    "cores" INTEGER NOT NULL,
    "cpuClass" TEXT NOT NULL,
    "concurrency" INTEGER NOT NULL,
    "version" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "phase" "WorkerPhase" NOT NULL DEFAULT 'active',
    "drainMode" TEXT,
    "jobIds" UUID[],
    "heartbeatAt" TIMESTAMPTZ(3) NOT NULL,
    "stoppedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Worker_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "Worker_createdAt_id_idx" ON "Worker"("createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Worker_heartbeatAt_idx" ON "Worker"("heartbeatAt");

-- CreateIndex
CREATE INDEX "Worker_teamId_idx" ON "Worker"("teamId");

-- CreateIndex
CREATE INDEX "Job_teamId_state_stage_idx" ON "Job"("teamId", "state", "stage");

-- AddForeignKey
ALTER TABLE "Worker" ADD CONSTRAINT "Worker_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
