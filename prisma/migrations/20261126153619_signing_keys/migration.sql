-- CreateTable
CREATE TABLE "SigningKey" (
    "id" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "keyId" TEXT NOT NULL,
    "publicX" TEXT NOT NULL,
    "privateKey" TEXT,
    "current" BOOLEAN,
    "retiredAt" TIMESTAMPTZ(3),

    CONSTRAINT "SigningKey_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "SigningKey_keyId_key" ON "SigningKey"("keyId");

-- CreateIndex
CREATE UNIQUE INDEX "SigningKey_current_key" ON "SigningKey"("current");

-- CreateIndex
CREATE INDEX "SigningKey_createdAt_id_idx" ON "SigningKey"("createdAt" DESC, "id" DESC);
