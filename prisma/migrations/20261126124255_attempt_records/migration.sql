-- AlterTable
ALTER TABLE "Job" ADD COLUMN     "lastRecord" INTEGER;
