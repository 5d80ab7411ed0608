-- AlterTable
ALTER TABLE "IdempotencyKey" ADD COLUMN     "leaseExpiresAt" TIMESTAMPTZ(3),
ADD COLUMN     "resourceId" UUID;
