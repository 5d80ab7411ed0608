import { Module } from '@nestjs/common';
import { ApiKeysController } from '../api-keys/api-keys.controller.js';
import { MeController } from '../api-keys/me.controller.js';
import { AuditLogController } from '../audit/audit-log.controller.js';

@Module({ controllers: [ApiKeysController, MeController, AuditLogController] })
export class AccessModule {}
