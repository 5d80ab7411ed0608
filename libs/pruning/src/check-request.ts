import type { Network } from '#network';
import { solveUniformWidths } from './solve-uniform-widths.js';
import type { TrainFamilyRequest } from './train-family.js';

/**
 * Refuses, before anything is trained, what could only fail or mislead later.
 * @throws RangeError naming what does not fit; UnreachableRatioError when a ratio's budget is below what the constraints leave
 */
export function checkRequest(request: TrainFamilyRequest): void {
  checkRatios(request);
  checkData(request);
  checkWarmStart(request);
  // Whether a budget can be met does not depend on the mask.
  const { network, ratios, options } = request;
  for (const ratio of ratios) solveUniformWidths(network, ratio, options);
}

function checkRatios({ ratios, untrainedRatios = [] }: TrainFamilyRequest): void {
  if (!isAscending(ratios) || ratios.some((ratio) => !(ratio >= 0 && ratio < 1)) || ratios.length === 0) {
    refuse(`ratios [${ratios.join(', ')}]: expected ascending numbers in [0, 1) without duplicates`);
  }
  const inside = (ratio: number) => ratio > ratios[0]! && ratio < ratios.at(-1)! && !ratios.includes(ratio);
  if (!isAscending(untrainedRatios) || !untrainedRatios.every(inside)) {
    refuse(
      `untrainedRatios [${untrainedRatios.join(', ')}]: expected ascending numbers without duplicates between ` +
        `${ratios[0]} and ${ratios.at(-1)} that are not trained (${ratios.join(', ')})`,
    );
  }
}

const isAscending = (ratios: readonly number[]): boolean =>
  ratios.every((ratio, i) => i === 0 || ratio > ratios[i - 1]!);

function checkData({ network, data, options }: TrainFamilyRequest): void {
  if (data.classes !== network.classes) {
    refuse(`the data have ${data.classes} classes, the network ${network.classes}`);
  }
  if (data.classes < 2) refuse(`the data have ${data.classes} class: expected at least 2, to tell apart`);
  if (format(data.input) !== format(network.input)) {
    refuse(`the data's images are ${format(data.input)}, the network takes ${format(network.input)}`);
  }
  if (data.trainCount < options.batchSize || data.testCount < 1) {
    refuse(
      `${data.trainCount} training and ${data.testCount} test images: expected at least one batch of ` +
        `${options.batchSize} and one test image`,
    );
  }
}

function checkWarmStart({ network, warmStart }: TrainFamilyRequest): void {
  if (warmStart === undefined) return;
  if (JSON.stringify(warmStart.network) !== JSON.stringify(network)) {
    refuse(
      `warm start: its network is "${warmStart.network.name}" of another shape, expected the very same network`,
    );
  }
  const [largest] = warmStart.members;
  if (largest?.ratio !== 0) {
    refuse(`warm start: its smallest ratio is ${largest?.ratio}, expected 0 (the dense network)`);
  }
}

const format = ({ channels, height, width }: Network['input']) => `[${channels}, ${height}, ${width}]`;

const refuse = (problem: string): never => {
  throw new RangeError(problem);
};
