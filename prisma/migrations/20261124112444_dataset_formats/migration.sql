-- AlterTable: written by hand so that the datasets that are there keep their origin. They are IDX datasets, whose
-- classes have their numbers as names and whose files say what tests.
ALTER TABLE "Dataset" ADD COLUMN "classNames" TEXT[],
ADD COLUMN "sourceDigest" TEXT,
ADD COLUMN "split" JSONB NOT NULL DEFAULT '{"kind": "given"}',
ALTER COLUMN "origin" TYPE TEXT USING "origin"::TEXT;

UPDATE "Dataset" SET "classNames" = ARRAY(SELECT generate_series(0, "classes" - 1)::TEXT);

ALTER TABLE "Dataset" ALTER COLUMN "split" DROP DEFAULT;

-- DropEnum
DROP TYPE "DatasetOrigin";
