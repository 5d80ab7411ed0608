-- AlterEnum
ALTER TYPE "JobStage" ADD VALUE 'adjust';

-- AlterTable
ALTER TABLE "Deployment" ADD COLUMN     "latencyTableIds" UUID[];

-- AlterTable
ALTER TABLE "Job" ADD COLUMN     "verification" JSONB;

UPDATE "Deployment" SET "latencyTableIds" = ARRAY["latencyTableId"];
