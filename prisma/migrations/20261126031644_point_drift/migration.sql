-- CreateEnum
CREATE TYPE "DriftDirection" AS ENUM ('slower', 'faster');

-- CreateTable
CREATE TABLE "PointDrift" (
    "deploymentId" UUID NOT NULL,
    "operatingPoint" TEXT NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "state" JSONB NOT NULL,
    "sequence" BIGINT,
    "drifted" "DriftDirection",
    "driftedAt" TIMESTAMPTZ(3),

    CONSTRAINT "PointDrift_pkey" PRIMARY KEY ("deploymentId","operatingPoint")
);

-- AddForeignKey
ALTER TABLE "PointDrift" ADD CONSTRAINT "PointDrift_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "PointDrift" ADD CONSTRAINT "PointDrift_deploymentId_fkey" FOREIGN KEY ("deploymentId") REFERENCES "Deployment"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
