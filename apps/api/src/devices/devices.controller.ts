import { Body, Controller, Get, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CreateDevice, Device, ListDevices, type Actor, type Page } from '#contracts';
import { DeviceService } from '#devices';
import { Allows } from '../access/allows.decorator.js';
import { CurrentActor } from '../http/current-actor.js';
import { Creates, LOCATION } from '../http/creates.decorator.js';
import { ForNew, madeOnce, type NewId } from '../http/new-id.js';
import { ResourceId } from '../http/resource-id.js';
import { DevicePage } from '../openapi/components.js';
import { Documented } from '../openapi/documented.decorator.js';

@ApiTags('devices')
@Controller('v1/devices')
export class DevicesController {
  constructor(private readonly devices: DeviceService) {}

  @Post()
  @Allows('member')
  @Creates(201, {
    id: 'createDevice',
    summary: 'Register a device with its operating points',
    answers: { 201: { description: 'the device', schema: Device, headers: LOCATION } },
    problems: ['already_exists'],
  })
  async create(
    @CurrentActor() actor: Actor,
    @Body({ schema: CreateDevice }) body: CreateDevice,
    @ForNew() newId: NewId,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Device> {
    const device = await madeOnce(
      newId,
      (id) => this.devices.get(actor, id),
      (id) => this.devices.create(actor, body, id),
    );
    response.location(`/v1/devices/${device.id}`);
    return device;
  }

  @Get()
  @Allows('viewer')
  @Documented({
    id: 'listDevices',
    summary: 'List devices, newest first',
    description: 'Filters that are given must all hold.',
    answers: { 200: { description: 'a page of devices', schema: DevicePage } },
    problems: ['invalid_request'],
  })
  list(
    @CurrentActor() actor: Actor,
    @Query({ schema: ListDevices }) query: ListDevices,
  ): Promise<Page<Device>> {
    return this.devices.list(actor, query);
  }

  @Get(':id')
  @Allows('viewer', { device: 'device' })
  @Documented({
    id: 'getDevice',
    summary: 'Read a device',
    answers: { 200: { description: 'the device', schema: Device } },
    problems: ['not_found'],
  })
  get(@CurrentActor() actor: Actor, @ResourceId('device') id: string): Promise<Device> {
    return this.devices.get(actor, id);
  }
}
