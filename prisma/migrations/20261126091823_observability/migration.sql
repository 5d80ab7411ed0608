-- AlterTable
ALTER TABLE "OutboxMessage" ADD COLUMN     "traceparent" TEXT;

-- CreateTable
CREATE TABLE "JobStageRun" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "jobId" UUID NOT NULL,
    "stage" "JobStage" NOT NULL,
    "submittedAt" TIMESTAMPTZ(3) NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "outcome" "JobState",
    "endsJob" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "JobStageRun_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "JobStageRun_jobId_endedAt_idx" ON "JobStageRun"("jobId", "endedAt");

-- CreateIndex
CREATE INDEX "JobStageRun_teamId_idx" ON "JobStageRun"("teamId");

-- CreateIndex
CREATE INDEX "Job_state_stage_idx" ON "Job"("state", "stage");

-- AddForeignKey
ALTER TABLE "JobStageRun" ADD CONSTRAINT "JobStageRun_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
