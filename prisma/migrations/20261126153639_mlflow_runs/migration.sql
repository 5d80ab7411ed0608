-- CreateEnum
CREATE TYPE "MlflowRunState" AS ENUM ('open', 'complete', 'refused');

-- CreateTable
CREATE TABLE "MlflowRun" (
    "jobId" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "state" "MlflowRunState" NOT NULL DEFAULT 'open',
    "runId" TEXT,
    "sequence" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,
    "leaseToken" UUID,
    "leaseExpiresAt" TIMESTAMPTZ(3),

    CONSTRAINT "MlflowRun_pkey" PRIMARY KEY ("jobId")
);

-- CreateIndex
CREATE INDEX "MlflowRun_state_updatedAt_idx" ON "MlflowRun"("state", "updatedAt");

-- CreateIndex
CREATE INDEX "MlflowRun_teamId_idx" ON "MlflowRun"("teamId");

-- AddForeignKey
ALTER TABLE "MlflowRun" ADD CONSTRAINT "MlflowRun_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MlflowRun" ADD CONSTRAINT "MlflowRun_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE CASCADE ON UPDATE CASCADE;
