import { Module } from '@nestjs/common';
import { ArtifactsController } from './artifacts.controller.js';
import { ModelAliasesController } from './model-aliases.controller.js';
import { ModelVersionsController } from './model-versions.controller.js';
import { ModelsController } from './models.controller.js';

@Module({
  controllers: [ModelsController, ModelVersionsController, ModelAliasesController, ArtifactsController],
})
export class ModelsModule {}
