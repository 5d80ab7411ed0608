import { z } from 'zod';
import { NetworkDescription } from './network-description.js';

const WidthMultiplier = z
  .number()
  .min(0.0625)
  .max(4)
  .default(1)
  .describe('multiplies the channels of every layer');

const Form = z
  .enum(['small', 'imagenet'])
  .default('small')
  .describe(
    'small: the strides that are usual for images like CIFAR; imagenet: those of the paper, for 224x224',
  );

const RESNET_DEPTHS = [8, 14, 20, 32, 44, 56, 18, 34, 50];

const ResNetSpec = z.strictObject({
  family: z.literal('resnet'),
  depth: z
    .union(RESNET_DEPTHS.map((n) => z.literal(n)))
    .describe('8 to 56 (6n + 2): three stages for small images; 18, 34, 50: four stages behind a 7x7 stem'),
  widthMultiplier: WidthMultiplier,
});

const VggSpec = z.strictObject({
  family: z.literal('vgg'),
  depth: z.literal(16).default(16).describe('with BatchNorm and one dense layer, for small images'),
  widthMultiplier: WidthMultiplier,
});

const MobileNetV1Spec = z.strictObject({
  family: z.literal('mobilenetv1'),
  form: Form,
  widthMultiplier: WidthMultiplier,
});

const MobileNetV2Spec = z.strictObject({
  family: z.literal('mobilenetv2'),
  form: Form,
  widthMultiplier: WidthMultiplier,
});

const CustomSpec = z.strictObject({
  family: z.literal('custom'),
  description: NetworkDescription,
});

/**
 * A network by builder, or layer by layer; input size and classes come from the dataset (or from the measuring task).
 * docs/networks.md is its reference.
 */
export const NetworkSpec = z.discriminatedUnion('family', [
  ResNetSpec,
  VggSpec,
  MobileNetV1Spec,
  MobileNetV2Spec,
  CustomSpec,
]);
export type NetworkSpec = z.infer<typeof NetworkSpec>;
