-- AlterTable
ALTER TABLE "MeasuringTask" ADD COLUMN     "waiting" JSONB;
