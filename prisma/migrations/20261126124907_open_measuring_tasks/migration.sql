-- CreateIndex
CREATE INDEX "MeasuringTask_state_id_idx" ON "MeasuringTask"("state", "id");
