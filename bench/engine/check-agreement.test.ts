import { DisagreementError, checkAgreement, worstDifference } from './check-agreement.js';

const curve = (name: string, work: string, ...losses: number[]) => ({
  name,
  work,
  losses: losses.map((loss) => [loss]),
});

describe('the agreement of losses', () => {
  it('accepts rounding, and curves that are not of the same work', () => {
    expect(() =>
      checkAgreement([
        curve('a', 'dense', 2, 1),
        curve('b', 'dense', 2.0001, 1.0009),
        curve('c', 'joint', 5),
      ]),
    ).not.toThrow();
  });

  it('names who disagrees, with the step and both losses', () => {
    const all = [curve('a', 'dense', 2, 1), curve('b', 'dense', 2, 1.01)];
    expect(() => checkAgreement(all)).toThrow(DisagreementError);
    expect(() => checkAgreement(all)).toThrow('dense, step 2: b has a loss of 1.01, a one of 1');
  });

  it('takes a loss that is no number for a disagreement', () => {
    expect(() => checkAgreement([curve('a', 'dense', 2), curve('b', 'dense', NaN)])).toThrow('NaN');
  });

  it('compares the steps that both made, of every network', () => {
    const worst = worstDifference({ losses: [[4, 2], [1]] }, { losses: [[4, 2.5]] });
    expect(worst).toEqual({ difference: 0.25, step: 1, loss: 2.5, expected: 2 });
  });
});
