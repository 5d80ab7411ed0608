-- CreateEnum
CREATE TYPE "MeasuringPurpose" AS ENUM ('profile', 'verify');

-- CreateEnum
CREATE TYPE "MeasuringTaskState" AS ENUM ('queued', 'leased', 'completed', 'failed');

-- CreateEnum
CREATE TYPE "DatasetOrigin" AS ENUM ('path', 'mnist', 'upload');

-- CreateEnum
CREATE TYPE "JobState" AS ENUM ('queued', 'running', 'succeeded', 'failed');

-- CreateEnum
CREATE TYPE "JobStage" AS ENUM ('train', 'verify', 'publish');

-- CreateEnum
CREATE TYPE "ArtifactKind" AS ENUM ('onnx', 'bundle', 'dataset');

-- CreateTable
CREATE TABLE "Team" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Team_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Device" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "name" TEXT NOT NULL,
    "model" TEXT,
    "soc" TEXT,
    "labels" JSONB NOT NULL,
    "operatingPoints" JSONB NOT NULL,

    CONSTRAINT "Device_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "MeasuringTask" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deviceId" UUID NOT NULL,
    "jobId" UUID,
    "purpose" "MeasuringPurpose" NOT NULL,
    "state" "MeasuringTaskState" NOT NULL,
    "key" TEXT,
    "input" JSONB NOT NULL,
    "protocol" JSONB NOT NULL,
    "operatingPoints" JSONB NOT NULL,
    "subnets" JSONB NOT NULL,
    "cells" JSONB NOT NULL,
    "cellsDone" INTEGER NOT NULL,
    "error" JSONB,
    "leaseToken" TEXT,
    "leaseExpiresAt" TIMESTAMPTZ(3),
    "agentName" TEXT,
    "agentVersion" TEXT,

    CONSTRAINT "MeasuringTask_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "MeasuringCell" (
    "taskId" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "samplesMs" DOUBLE PRECISION[],
    "summary" JSONB NOT NULL,
    "provenance" JSONB NOT NULL,

    CONSTRAINT "MeasuringCell_pkey" PRIMARY KEY ("taskId","index")
);

-- CreateTable
CREATE TABLE "LatencyTable" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deviceId" UUID NOT NULL,
    "measuringTaskId" UUID NOT NULL,
    "jobId" UUID,
    "purpose" "MeasuringPurpose" NOT NULL,
    "emulated" BOOLEAN NOT NULL,

    CONSTRAINT "LatencyTable_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LatencyCell" (
    "latencyTableId" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "operatingPoint" TEXT NOT NULL,
    "ratio" DOUBLE PRECISION NOT NULL,
    "widths" JSONB NOT NULL,
    "macs" BIGINT NOT NULL,
    "samplesMs" DOUBLE PRECISION[],
    "summary" JSONB NOT NULL,
    "provenance" JSONB NOT NULL,

    CONSTRAINT "LatencyCell_pkey" PRIMARY KEY ("latencyTableId","index")
);

-- CreateTable
CREATE TABLE "Calibration" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deviceId" UUID NOT NULL,
    "latencyTableId" UUID NOT NULL,
    "target" JSONB NOT NULL,
    "targetMs" DOUBLE PRECISION NOT NULL,
    "tolerance" DOUBLE PRECISION NOT NULL,
    "choices" JSONB NOT NULL,
    "ratios" DOUBLE PRECISION[],
    "stability" JSONB NOT NULL,

    CONSTRAINT "Calibration_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Dataset" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "name" TEXT NOT NULL,
    "format" TEXT NOT NULL,
    "origin" "DatasetOrigin" NOT NULL,
    "digest" TEXT NOT NULL,
    "files" JSONB NOT NULL,
    "input" JSONB NOT NULL,
    "classes" INTEGER NOT NULL,
    "trainImages" INTEGER NOT NULL,
    "testImages" INTEGER NOT NULL,
    "classCounts" INTEGER[],

    CONSTRAINT "Dataset_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Job" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "state" "JobState" NOT NULL,
    "stage" "JobStage" NOT NULL,
    "attempt" INTEGER NOT NULL,
    "model" TEXT NOT NULL,
    "spec" JSONB NOT NULL,
    "datasetId" UUID NOT NULL,
    "calibrationId" UUID,
    "deviceId" UUID,
    "ratios" DOUBLE PRECISION[],
    "progress" JSONB,
    "candidate" JSONB,
    "measuringTaskId" UUID,
    "version" INTEGER,
    "error" JSONB,
    "startedAt" TIMESTAMPTZ(3),
    "finishedAt" TIMESTAMPTZ(3),
    "lastSequence" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Job_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "JobEvent" (
    "jobId" UUID NOT NULL,
    "sequence" INTEGER NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "type" TEXT NOT NULL,
    "data" JSONB NOT NULL,

    CONSTRAINT "JobEvent_pkey" PRIMARY KEY ("jobId","sequence")
);

-- CreateTable
CREATE TABLE "OutboxMessage" (
    "id" BIGSERIAL NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "jobId" UUID NOT NULL,
    "stage" "JobStage" NOT NULL,
    "sentAt" TIMESTAMPTZ(3),

    CONSTRAINT "OutboxMessage_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Model" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "name" TEXT NOT NULL,
    "latestVersion" INTEGER NOT NULL,

    CONSTRAINT "Model_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ModelVersion" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "modelId" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "jobId" UUID NOT NULL,
    "datasetId" UUID NOT NULL,
    "datasetDigest" TEXT NOT NULL,
    "calibrationId" UUID,
    "bundle" JSONB NOT NULL,
    "network" JSONB NOT NULL,
    "input" JSONB NOT NULL,
    "classes" INTEGER NOT NULL,
    "ratios" JSONB NOT NULL,
    "training" JSONB NOT NULL,

    CONSTRAINT "ModelVersion_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Deployment" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "modelVersionId" UUID NOT NULL,
    "deviceId" UUID NOT NULL,
    "deviceName" TEXT NOT NULL,
    "calibrationId" UUID NOT NULL,
    "latencyTableId" UUID NOT NULL,
    "targetMs" DOUBLE PRECISION NOT NULL,
    "tolerance" DOUBLE PRECISION NOT NULL,
    "emulated" BOOLEAN NOT NULL,
    "points" JSONB NOT NULL,
    "stability" JSONB NOT NULL,

    CONSTRAINT "Deployment_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Artifact" (
    "digest" TEXT NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" "ArtifactKind" NOT NULL,
    "bytes" BIGINT NOT NULL,

    CONSTRAINT "Artifact_pkey" PRIMARY KEY ("teamId","digest")
);

-- CreateTable
CREATE TABLE "IdempotencyKey" (
    "key" TEXT NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "requestDigest" TEXT NOT NULL,
    "holder" UUID NOT NULL,
    "answer" JSONB,

    CONSTRAINT "IdempotencyKey_pkey" PRIMARY KEY ("teamId","key")
);

-- CreateIndex
CREATE UNIQUE INDEX "Team_name_key" ON "Team"("name");

-- CreateIndex
CREATE INDEX "Device_teamId_createdAt_id_idx" ON "Device"("teamId", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "Device_teamId_name_key" ON "Device"("teamId", "name");

-- CreateIndex
CREATE UNIQUE INDEX "MeasuringTask_key_key" ON "MeasuringTask"("key");

-- CreateIndex
CREATE INDEX "MeasuringTask_teamId_createdAt_id_idx" ON "MeasuringTask"("teamId", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "MeasuringTask_deviceId_state_createdAt_idx" ON "MeasuringTask"("deviceId", "state", "createdAt");

-- CreateIndex
CREATE INDEX "MeasuringTask_jobId_idx" ON "MeasuringTask"("jobId");

-- CreateIndex
CREATE UNIQUE INDEX "LatencyTable_measuringTaskId_key" ON "LatencyTable"("measuringTaskId");

-- CreateIndex
CREATE INDEX "LatencyTable_deviceId_createdAt_id_idx" ON "LatencyTable"("deviceId", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "LatencyTable_teamId_createdAt_id_idx" ON "LatencyTable"("teamId", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "LatencyTable_jobId_idx" ON "LatencyTable"("jobId");

-- CreateIndex
CREATE INDEX "Calibration_teamId_createdAt_id_idx" ON "Calibration"("teamId", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Calibration_deviceId_idx" ON "Calibration"("deviceId");

-- CreateIndex
CREATE INDEX "Calibration_latencyTableId_idx" ON "Calibration"("latencyTableId");

-- CreateIndex
CREATE INDEX "Dataset_teamId_createdAt_id_idx" ON "Dataset"("teamId", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "Dataset_teamId_name_key" ON "Dataset"("teamId", "name");

-- CreateIndex
CREATE INDEX "Job_teamId_createdAt_id_idx" ON "Job"("teamId", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Job_state_id_idx" ON "Job"("state", "id");

-- CreateIndex
CREATE INDEX "Job_datasetId_idx" ON "Job"("datasetId");

-- CreateIndex
CREATE INDEX "Job_calibrationId_idx" ON "Job"("calibrationId");

-- CreateIndex
CREATE INDEX "Job_deviceId_idx" ON "Job"("deviceId");

-- CreateIndex
CREATE INDEX "OutboxMessage_sentAt_id_idx" ON "OutboxMessage"("sentAt", "id");

-- CreateIndex
CREATE INDEX "OutboxMessage_jobId_idx" ON "OutboxMessage"("jobId");

-- CreateIndex
CREATE INDEX "Model_teamId_createdAt_id_idx" ON "Model"("teamId", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "Model_teamId_name_key" ON "Model"("teamId", "name");

-- CreateIndex
CREATE UNIQUE INDEX "ModelVersion_jobId_key" ON "ModelVersion"("jobId");

-- CreateIndex
CREATE INDEX "ModelVersion_teamId_createdAt_id_idx" ON "ModelVersion"("teamId", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "ModelVersion_datasetId_idx" ON "ModelVersion"("datasetId");

-- CreateIndex
CREATE INDEX "ModelVersion_calibrationId_idx" ON "ModelVersion"("calibrationId");

-- CreateIndex
CREATE UNIQUE INDEX "ModelVersion_modelId_version_key" ON "ModelVersion"("modelId", "version");

-- CreateIndex
CREATE INDEX "Deployment_teamId_createdAt_id_idx" ON "Deployment"("teamId", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Deployment_modelVersionId_idx" ON "Deployment"("modelVersionId");

-- CreateIndex
CREATE INDEX "Deployment_deviceId_idx" ON "Deployment"("deviceId");

-- CreateIndex
CREATE INDEX "Deployment_calibrationId_idx" ON "Deployment"("calibrationId");

-- CreateIndex
CREATE INDEX "Deployment_latencyTableId_idx" ON "Deployment"("latencyTableId");

-- CreateIndex
CREATE INDEX "Artifact_teamId_createdAt_digest_idx" ON "Artifact"("teamId", "createdAt" DESC, "digest");

-- CreateIndex
CREATE INDEX "IdempotencyKey_createdAt_idx" ON "IdempotencyKey"("createdAt");

-- AddForeignKey
ALTER TABLE "Device" ADD CONSTRAINT "Device_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MeasuringTask" ADD CONSTRAINT "MeasuringTask_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MeasuringTask" ADD CONSTRAINT "MeasuringTask_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MeasuringTask" ADD CONSTRAINT "MeasuringTask_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MeasuringCell" ADD CONSTRAINT "MeasuringCell_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MeasuringCell" ADD CONSTRAINT "MeasuringCell_taskId_fkey" FOREIGN KEY ("taskId") REFERENCES "MeasuringTask"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LatencyTable" ADD CONSTRAINT "LatencyTable_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LatencyTable" ADD CONSTRAINT "LatencyTable_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LatencyTable" ADD CONSTRAINT "LatencyTable_measuringTaskId_fkey" FOREIGN KEY ("measuringTaskId") REFERENCES "MeasuringTask"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LatencyTable" ADD CONSTRAINT "LatencyTable_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LatencyCell" ADD CONSTRAINT "LatencyCell_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LatencyCell" ADD CONSTRAINT "LatencyCell_latencyTableId_fkey" FOREIGN KEY ("latencyTableId") REFERENCES "LatencyTable"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Calibration" ADD CONSTRAINT "Calibration_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Calibration" ADD CONSTRAINT "Calibration_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Calibration" ADD CONSTRAINT "Calibration_latencyTableId_fkey" FOREIGN KEY ("latencyTableId") REFERENCES "LatencyTable"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Dataset" ADD CONSTRAINT "Dataset_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Job" ADD CONSTRAINT "Job_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Job" ADD CONSTRAINT "Job_datasetId_fkey" FOREIGN KEY ("datasetId") REFERENCES "Dataset"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Job" ADD CONSTRAINT "Job_calibrationId_fkey" FOREIGN KEY ("calibrationId") REFERENCES "Calibration"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Job" ADD CONSTRAINT "Job_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "JobEvent" ADD CONSTRAINT "JobEvent_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "JobEvent" ADD CONSTRAINT "JobEvent_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "OutboxMessage" ADD CONSTRAINT "OutboxMessage_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "OutboxMessage" ADD CONSTRAINT "OutboxMessage_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Model" ADD CONSTRAINT "Model_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModelVersion" ADD CONSTRAINT "ModelVersion_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModelVersion" ADD CONSTRAINT "ModelVersion_modelId_fkey" FOREIGN KEY ("modelId") REFERENCES "Model"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModelVersion" ADD CONSTRAINT "ModelVersion_jobId_fkey" FOREIGN KEY ("jobId") REFERENCES "Job"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModelVersion" ADD CONSTRAINT "ModelVersion_datasetId_fkey" FOREIGN KEY ("datasetId") REFERENCES "Dataset"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ModelVersion" ADD CONSTRAINT "ModelVersion_calibrationId_fkey" FOREIGN KEY ("calibrationId") REFERENCES "Calibration"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_modelVersionId_fkey" FOREIGN KEY ("modelVersionId") REFERENCES "ModelVersion"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_calibrationId_fkey" FOREIGN KEY ("calibrationId") REFERENCES "Calibration"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Deployment" ADD CONSTRAINT "Deployment_latencyTableId_fkey" FOREIGN KEY ("latencyTableId") REFERENCES "LatencyTable"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Artifact" ADD CONSTRAINT "Artifact_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "IdempotencyKey" ADD CONSTRAINT "IdempotencyKey_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- The one team that everything belongs to until there is access control (DEFAULT_TEAM_ID in libs/storage).
INSERT INTO "Team" ("id", "name", "owner") VALUES ('00000000-0000-4000-8000-000000000001', 'default', 'isochron');
