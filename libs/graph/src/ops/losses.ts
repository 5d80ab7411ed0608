import { formatShape, sameShape } from '../shape.js';
import type { Value } from '../value.js';
import { add, mul, sub } from './arithmetic.js';
import { stopGradient, withGradient } from './custom-gradient.js';
import { exp } from './elementwise.js';
import { logSoftmax } from './log-softmax.js';
import { reduceSum } from './reduce.js';

export interface CrossEntropyOptions {
  /** Share of the target that is spread evenly over all classes (Szegedy et al. 2016); default 0. */
  readonly labelSmoothing?: number;
}

/**
 * Mean over the batch of the cross-entropy between one-hot labels and the softmax of the logits, both [N, classes];
 * a scalar. The gradient goes to the logits alone.
 * @throws GraphError when the shapes differ.
 */
export function crossEntropy(logits: Value, oneHot: Value, options: CrossEntropyOptions = {}): Value {
  const { labelSmoothing = 0 } = options;
  const [batch, classes] = checkedLogits('crossEntropy', logits, oneHot);
  const scalar = (x: number) => logits.builder.scalar(x);
  const target = add(mul(stopGradient(oneHot), scalar(1 - labelSmoothing)), scalar(labelSmoothing / classes));
  const logProbabilities = logSoftmax(logits);
  const loss = mul(reduceSum(mul(logProbabilities, target), [0, 1]), scalar(-1 / batch));
  return withGradient(loss, [logits], (gradient) => [
    mul(sub(exp(logProbabilities), target), mul(gradient, scalar(1 / batch))),
  ]);
}

export interface DistillationOptions {
  /** Divides both sides' logits: above 1 it shows more of the teacher's ranking of wrong classes. */
  readonly temperature: number;
}

/**
 * Knowledge distillation (Hinton et al. 2015, arXiv 1503.02531, section 2.1): mean over the batch of the
 * Kullback-Leibler divergence from the teacher's to the student's softened distribution, times the squared temperature
 * (which keeps the gradient's size independent of it); a scalar. The teacher gets no gradient.
 * @throws GraphError when the shapes, [N, classes], differ.
 */
export function distillation(
  studentLogits: Value,
  teacherLogits: Value,
  { temperature }: DistillationOptions,
): Value {
  const [batch] = checkedLogits('distillation', studentLogits, teacherLogits);
  const scalar = (x: number) => studentLogits.builder.scalar(x);
  const softened = (logits: Value) => logSoftmax(mul(logits, scalar(1 / temperature)));
  const student = softened(studentLogits);
  const teacher = softened(stopGradient(teacherLogits));
  const divergence = reduceSum(mul(exp(teacher), sub(teacher, student)), [0, 1]);
  const loss = mul(divergence, scalar(temperature ** 2 / batch));
  return withGradient(loss, [studentLogits], (gradient) => [
    mul(sub(exp(student), exp(teacher)), mul(gradient, scalar(temperature / batch))),
  ]);
}

function checkedLogits(op: string, logits: Value, other: Value): [number, number] {
  if (logits.shape.length !== 2 || !sameShape(logits.shape, other.shape)) {
    throw logits.builder.error(
      op,
      `needs two values of [N, classes], got ${formatShape(logits.shape)} and ${formatShape(other.shape)}`,
    );
  }
  return [logits.shape[0]!, logits.shape[1]!];
}
