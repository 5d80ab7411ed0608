-- CreateTable
CREATE TABLE "EnrolmentKey" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3),
    "maxUses" INTEGER,
    "uses" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "EnrolmentKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Enrolment" (
    "deviceId" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "enrolmentKeyId" UUID,
    "installationId" UUID NOT NULL,

    CONSTRAINT "Enrolment_pkey" PRIMARY KEY ("deviceId")
);

-- CreateIndex
CREATE UNIQUE INDEX "EnrolmentKey_digest_key" ON "EnrolmentKey"("digest");

-- CreateIndex
CREATE INDEX "EnrolmentKey_teamId_createdAt_id_idx" ON "EnrolmentKey"("teamId", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "EnrolmentKey_teamId_name_key" ON "EnrolmentKey"("teamId", "name");

-- CreateIndex
CREATE INDEX "Enrolment_teamId_idx" ON "Enrolment"("teamId");

-- CreateIndex
CREATE INDEX "Enrolment_enrolmentKeyId_idx" ON "Enrolment"("enrolmentKeyId");

-- AddForeignKey
ALTER TABLE "EnrolmentKey" ADD CONSTRAINT "EnrolmentKey_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Enrolment" ADD CONSTRAINT "Enrolment_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Enrolment" ADD CONSTRAINT "Enrolment_deviceId_fkey" FOREIGN KEY ("deviceId") REFERENCES "Device"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Enrolment" ADD CONSTRAINT "Enrolment_enrolmentKeyId_fkey" FOREIGN KEY ("enrolmentKeyId") REFERENCES "EnrolmentKey"("id") ON DELETE SET NULL ON UPDATE CASCADE;
