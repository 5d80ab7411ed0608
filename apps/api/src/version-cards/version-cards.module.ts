import { Module } from '@nestjs/common';
import { VersionCardsController } from './version-cards.controller.js';
import { VersionComparisonController } from './version-comparison.controller.js';

@Module({ controllers: [VersionCardsController, VersionComparisonController] })
export class VersionCardsModule {}
