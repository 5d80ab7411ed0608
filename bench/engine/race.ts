import { checkAgreement } from './check-agreement.js';
import { Contestant, ContestantError, type ContestantCommand } from './contestant.js';
import type { Hello } from './messages.js';

/** Their losses are compared; they also warm everything up. */
const COMPARED_STEPS = 5;
/** An optional entrant that is slower is not asked to run again in every round. */
const SLOW_STEP_SECONDS = 2;
const WARM_UP_LIMIT_SECONDS = 45;
/** Far beyond a round of anyone who is not slow. */
const ROUND_LIMIT_SECONDS = 600;

export interface Entrant extends ContestantCommand {
  /** Entrants of the same work must have the same losses, those of the first one. */
  readonly work: string;
  /** Left out of the race, with a line, when it fails: no other figure depends on it. */
  readonly optional?: boolean;
}

export interface RaceOptions {
  readonly rounds: number;
  readonly stepsPerRound: number;
}

export interface Finish {
  readonly name: string;
  readonly work: string;
  readonly hello: Hello;
  /** Of the first steps, one for each network that a step trains. */
  readonly losses: readonly (readonly number[])[];
  /** Of every timed step, by round; a slow entrant has one round. */
  readonly seconds: readonly (readonly number[])[];
  readonly peakMemoryBytes: number | undefined;
}

interface Runner {
  readonly entrant: Entrant;
  readonly contestant: Contestant;
  readonly losses: readonly (readonly number[])[];
  readonly slow: boolean;
  readonly seconds: number[][];
}

/**
 * Times entrants in turns, so that a machine that gets slower or faster meanwhile does so for all of them. Each is a
 * process of its own and the only one of them that runs. The order turns around in every other round.
 * @throws DisagreementError when the first losses of the same work differ; ContestantError when an entrant fails.
 */
export async function race(
  entrants: readonly Entrant[],
  { rounds, stepsPerRound }: RaceOptions,
  say: (text: string) => void,
): Promise<Finish[]> {
  const runners: Runner[] = [];
  try {
    for (const entrant of entrants) {
      const runner = await enter(entrant, say);
      if (runner) runners.push(runner);
    }
    checkAgreement(runners.map(({ entrant, losses }) => ({ ...entrant, losses })));
    const steady = runners.filter(({ slow }) => !slow);
    for (let round = 0; round < rounds; round++) {
      for (const runner of round % 2 === 0 ? steady : steady.toReversed()) {
        runner.seconds.push(await timeRound(runner.contestant, stepsPerRound));
      }
    }
    return await Promise.all(runners.map(finish));
  } finally {
    for (const { contestant } of runners) contestant.kill();
  }
}

async function enter(entrant: Entrant, say: (text: string) => void): Promise<Runner | undefined> {
  try {
    const contestant = await Contestant.start(entrant);
    const request = { steps: COMPARED_STEPS, limitSeconds: WARM_UP_LIMIT_SECONDS };
    const { seconds, losses } = await contestant.steps(request);
    const slow = entrant.optional === true && seconds.at(-1)! > SLOW_STEP_SECONDS;
    if (slow)
      say(`${entrant.name} takes ${seconds.at(-1)!.toFixed(1)} s a step: its first steps stand for it`);
    // The first step allocates memory; of a slow entrant it may be the only one.
    const warm = seconds.length > 1 ? seconds.slice(1) : [...seconds];
    return { entrant, contestant, losses, slow, seconds: slow ? [warm] : [] };
  } catch (error) {
    if (!entrant.optional || !(error instanceof ContestantError)) throw error;
    say(`${entrant.name} is left out: ${error.message}`);
    return undefined;
  }
}

/** One more step than asked for: the first one wakes threads and fills caches that others have used since. */
async function timeRound(contestant: Contestant, steps: number): Promise<number[]> {
  const { seconds } = await contestant.steps({ steps: steps + 1, limitSeconds: ROUND_LIMIT_SECONDS });
  return seconds.slice(1);
}

async function finish({ entrant, contestant, losses, seconds }: Runner): Promise<Finish> {
  const { name, work } = entrant;
  const peakMemoryBytes = await contestant.peakMemoryBytes();
  return { name, work, hello: contestant.hello, losses, seconds, peakMemoryBytes };
}
