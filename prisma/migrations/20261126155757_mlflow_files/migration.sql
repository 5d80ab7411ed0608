-- CreateTable
CREATE TABLE "MlflowFile" (
    "id" UUID NOT NULL,
    "teamId" UUID NOT NULL,
    "owner" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "path" TEXT NOT NULL,
    "uploadId" UUID NOT NULL,

    CONSTRAINT "MlflowFile_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "MlflowFile_uploadId_idx" ON "MlflowFile"("uploadId");

-- CreateIndex
CREATE UNIQUE INDEX "MlflowFile_teamId_path_key" ON "MlflowFile"("teamId", "path");

-- AddForeignKey
ALTER TABLE "MlflowFile" ADD CONSTRAINT "MlflowFile_teamId_fkey" FOREIGN KEY ("teamId") REFERENCES "Team"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "MlflowFile" ADD CONSTRAINT "MlflowFile_uploadId_fkey" FOREIGN KEY ("uploadId") REFERENCES "Upload"("id") ON DELETE CASCADE ON UPDATE CASCADE;
