-- AlterTable
ALTER TABLE "Calibration" ADD COLUMN     "merged" JSONB,
ADD COLUMN     "mode" TEXT NOT NULL DEFAULT 'stable',
ADD COLUMN     "nearestFeasibleTargetMs" DOUBLE PRECISION;

-- Choices made before have no interval: theirs is the prediction itself.
UPDATE "Calibration" SET "choices" = (
  SELECT jsonb_agg(
    (choice - 'reason') || jsonb_build_object(
      'predictedLowMs', choice -> 'predictedMs',
      'predictedHighMs', choice -> 'predictedMs',
      'slackMs', "targetMs" - (choice ->> 'predictedMs')::float8
    ) ORDER BY place
  )
  FROM jsonb_array_elements("choices") WITH ORDINALITY AS each (choice, place)
);
