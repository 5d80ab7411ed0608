import { Module } from '@nestjs/common';
import { AddendaController } from './addenda.controller.js';
import { SubnetsController } from './subnets.controller.js';
import { VersionDeploymentsController } from './version-deployments.controller.js';

/** What is made of published versions. */
@Module({ controllers: [AddendaController, SubnetsController, VersionDeploymentsController] })
export class SubnetsModule {}
