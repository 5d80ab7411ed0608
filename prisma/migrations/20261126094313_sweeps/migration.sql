-- CreateEnum
CREATE TYPE "SweepState" AS ENUM ('running', 'paused', 'succeeded', 'failed', 'cancelled');

-- CreateEnum
CREATE TYPE "SweepFailed" AS ENUM ('some', 'all');

-- AlterTable
ALTER TABLE "Job" ADD COLUMN     "held" BOOLEAN,
ADD COLUMN     "sweepId" UUID;

-- AlterTable
ALTER TABLE "OutboxMessage" ADD COLUMN     "sweepId" UUID,
ADD COLUMN     "sweepSequence" INTEGER,
ALTER COLUMN "jobId" DROP NOT NULL,
ALTER COLUMN "stage" DROP NOT NULL;

-- CreateTable
CREATE TABLE "Sweep" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "name" TEXT,
    "spec" JSONB NOT NULL,
    "members" JSONB NOT NULL,
    "state" "SweepState" NOT NULL,
    "failed" "SweepFailed",
    "comparison" JSONB,
    "finishedAt" TIMESTAMPTZ(3),
    "lastSequence" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Sweep_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SweepEvent" (
    "sweepId" UUID NOT NULL,
    "sequence" INTEGER NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "type" TEXT NOT NULL,
    "data" JSONB NOT NULL,

    CONSTRAINT "SweepEvent_pkey" PRIMARY KEY ("sweepId","sequence")
);

-- CreateIndex
CREATE INDEX "Sweep_teamId_createdAt_id_idx" ON "Sweep"("teamId", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Sweep_state_id_idx" ON "Sweep"("state", "id");

-- CreateIndex
CREATE INDEX "SweepEvent_teamId_idx" ON "SweepEvent"("teamId");

-- CreateIndex
CREATE INDEX "Job_sweepId_state_idx" ON "Job"("sweepId", "state");

-- CreateIndex
CREATE INDEX "OutboxMessage_sweepId_idx" ON "OutboxMessage"("sweepId");

-- AddForeignKey
ALTER TABLE "Job" ADD CONSTRAINT "Job_sweepId_fkey" FOREIGN KEY ("sweepId") REFERENCES "Sweep"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Sweep" ADD CONSTRAINT "Sweep_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SweepEvent" ADD CONSTRAINT "SweepEvent_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "SweepEvent" ADD CONSTRAINT "SweepEvent_sweepId_fkey" FOREIGN KEY ("sweepId") REFERENCES "Sweep"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "OutboxMessage" ADD CONSTRAINT "OutboxMessage_sweepId_fkey" FOREIGN KEY ("sweepId") REFERENCES "Sweep"("id") ON DELETE CASCADE ON UPDATE CASCADE;
