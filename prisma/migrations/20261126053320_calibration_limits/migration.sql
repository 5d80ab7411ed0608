-- AlterTable
ALTER TABLE "Calibration" ADD COLUMN     "accuracies" JSONB,
ADD COLUMN     "maxRatio" DOUBLE PRECISION,
ADD COLUMN     "maxTrainedRatios" INTEGER,
ADD COLUMN     "unmeasuredPoints" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "version" JSONB;
