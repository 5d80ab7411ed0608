import { Module } from '@nestjs/common';
import { MlflowArtifactsController } from './artifacts.controller.js';
import { EverythingElseController } from './everything-else.controller.js';
import { MlflowVersionsController } from './model-versions.controller.js';
import { RegisteredModelsController } from './registered-models.controller.js';

@Module({
  controllers: [
    RegisteredModelsController,
    MlflowVersionsController,
    MlflowArtifactsController,
    EverythingElseController,
  ],
})
export class MlflowModule {}
