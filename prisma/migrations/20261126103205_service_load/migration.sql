-- CreateIndex
CREATE INDEX "Job_teamId_model_createdAt_id_idx" ON "Job"("teamId", "model", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Job_teamId_owner_createdAt_id_idx" ON "Job"("teamId", "owner", "createdAt" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "Job_labels_idx" ON "Job" USING GIN ("labels" jsonb_path_ops);

-- CreateIndex
CREATE INDEX "Job_state_priority_createdAt_id_idx" ON "Job"("state", "priority" DESC, "createdAt", "id");
