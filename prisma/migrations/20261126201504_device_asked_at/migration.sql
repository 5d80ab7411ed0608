-- AlterTable
ALTER TABLE "Device" ADD COLUMN     "askedAt" TIMESTAMPTZ(3);
