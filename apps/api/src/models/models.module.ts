import { Module } from '@nestjs/common';
import { ArtifactsController } from './artifacts.controller.js';
import { ModelsController } from './models.controller.js';

@Module({ controllers: [ModelsController, ArtifactsController] })
export class ModelsModule {}
