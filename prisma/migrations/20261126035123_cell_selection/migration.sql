-- AlterTable
ALTER TABLE "MeasuringTask" ADD COLUMN     "selection" JSONB NOT NULL DEFAULT '{"kind": "all"}';
