export {
  biasName,
  parameterShapes,
  weightName,
  type BatchNormState,
  type BatchNormValues,
  type Parameters,
} from './parameters.js';
export { randomSubnet, subnetOf, type Family, type RatioMember, type Subnet } from './family.js';
export { randomFamily } from './random-family.js';
export type { SoftMask } from './mask.js';
export { UnreachableRatioError } from './unreachable-ratio-error.js';
export type { WidthConstraints } from './width-constraints.js';
export { deriveMember, type DeriveOptions } from './derive-member.js';
export { deriveMembers, type DeriveMembersOptions } from './derive-members.js';
export {
  membersOf,
  trainingsOf,
  type Method,
  type MethodMember,
  type MethodTraining,
} from './method-trainings.js';
export { solveThresholds, type ThresholdOptions, type ThresholdSolution } from './solve-thresholds.js';
export { sameSubnets } from './same-subnets.js';
export { solveUniformWidths, uniformMask } from './solve-uniform-widths.js';
export {
  affineBatchNorm,
  batchNormOf,
  foldBatchNorm,
  type AffineBatchNorm,
  type FoldedBatchNorm,
} from './fold-batch-norm.js';
export { SubnetCutter, type CutSubnet, type FoldedSubnet, type UncutSubnet } from './subnet-cutter.js';
export { inferenceGraph } from './inference-graph.js';
export { denseStepGraph } from './shared-step-graph.js';
export { jointStepGraph, lossName, memberTensorName } from './joint-step-graph.js';
export { initialParameters, initialScaleAndShift } from './initialise.js';
export { randomGenerator } from './random-generator.js';
export type { Batch, Batches, TestBatch, TrainingData } from './training-data.js';
export {
  CheckpointMismatchError,
  type Fingerprint,
  type SolvedRatio,
  type TrainingCheckpoint,
} from './checkpoint.js';
export { checkCheckpoint, fingerprintOf } from './fingerprint.js';
export type { OptimizerName, OptimizerOptions } from './optimizer-options.js';
export type {
  FamilyMethod,
  TrainFamilyOptions,
  TrainFamilyProgress,
  TrainingPhase,
} from './training-options.js';
export { TrainingDivergedError } from './training-diverged-error.js';
export { isEvaluationDue, type EpochEvaluation } from './epoch-evaluation.js';
export { trainFamily, type TrainFamilyRequest, type TrainFamilyResult } from './train-family.js';
export { roundedFraction } from './progress-meter.js';
export { workShares, type WorkShare } from './work-shares.js';
export { topOneAccuracy, type EvaluateOptions } from './top-one-accuracy.js';
export { PASSES_PER_TRAINING_STEP } from './training-macs.js';
