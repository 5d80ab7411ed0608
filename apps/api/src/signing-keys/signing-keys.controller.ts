import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { SigningKeySet } from '#contracts';
import { SigningKeys } from '#registry';
import { Public } from '../access/allows.decorator.js';
import { Documented } from '../openapi/documented.decorator.js';

const MEDIA_TYPE = 'application/jwk-set+json';

@ApiTags('signing-keys')
@Controller('v1/signing-keys')
export class SigningKeysController {
  constructor(private readonly keys: SigningKeys) {}

  @Get()
  // Whoever was given a report is to be able to check it.
  @Public()
  @Header('Content-Type', MEDIA_TYPE)
  @Documented({
    id: 'listSigningKeys',
    summary: 'Read the public keys that stability reports are, or were, signed with',
    answers: {
      200: { description: 'a JWK set, the newest key first', schema: SigningKeySet, mediaType: MEDIA_TYPE },
    },
  })
  list(): Promise<SigningKeySet> {
    return this.keys.keySet();
  }
}
