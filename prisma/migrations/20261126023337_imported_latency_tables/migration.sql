-- Written by hand so that the tables that are there get their versions, oldest first, and their counts. They are of
-- measuring tasks. Marks are found when a table is made: those have none.
ALTER TABLE "LatencyCell" ADD COLUMN "sampleCount" INTEGER,
ALTER COLUMN "widths" DROP NOT NULL,
ALTER COLUMN "macs" DROP NOT NULL;

UPDATE "LatencyCell" SET "sampleCount" = coalesce(cardinality("samplesMs"), 0);

ALTER TABLE "LatencyCell" ALTER COLUMN "sampleCount" SET NOT NULL;

ALTER TABLE "LatencyTable" ADD COLUMN "cellCount" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "markCount" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "marks" JSONB NOT NULL DEFAULT '[]',
ADD COLUMN "sampleCount" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "source" JSONB,
ADD COLUMN "version" INTEGER,
ALTER COLUMN "measuringTaskId" DROP NOT NULL;

UPDATE "LatencyTable" t
SET "version" = numbered."version",
    "source" = jsonb_build_object('kind', 'measured', 'measuringTaskId', t."measuringTaskId")
FROM (
  SELECT "id", row_number() OVER (PARTITION BY "deviceId" ORDER BY "createdAt", "id") AS "version"
  FROM "LatencyTable"
) numbered
WHERE numbered."id" = t."id";

UPDATE "LatencyTable" t
SET "cellCount" = counted."cells", "sampleCount" = counted."samples"
FROM (
  SELECT "latencyTableId", count(*) AS "cells", sum("sampleCount") AS "samples"
  FROM "LatencyCell" GROUP BY "latencyTableId"
) counted
WHERE counted."latencyTableId" = t."id";

ALTER TABLE "LatencyTable" ALTER COLUMN "source" SET NOT NULL,
ALTER COLUMN "version" SET NOT NULL,
ALTER COLUMN "cellCount" DROP DEFAULT,
ALTER COLUMN "sampleCount" DROP DEFAULT,
ALTER COLUMN "marks" DROP DEFAULT,
ALTER COLUMN "markCount" DROP DEFAULT;

-- CreateIndex
CREATE UNIQUE INDEX "LatencyTable_deviceId_version_key" ON "LatencyTable"("deviceId", "version");
