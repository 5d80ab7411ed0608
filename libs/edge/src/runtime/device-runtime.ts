import { applyAddendum, readAddendum, readBundleInPlace, type Bundle } from '#bundle';
import type { ClockSource } from './clock-source.js';
import { followClock, type FollowOptions } from './follow-clock.js';
import { LoadableSubnets } from './loadable-subnets.js';
import { LoadedSubnet } from './loaded-subnet.js';
import { checkPoints, pointNamed, type RuntimePoint } from './runtime-point.js';
import { openOnnxSession, type LoadableSubnet, type OpenSession } from './subnet-session.js';
import { SwitchError } from './switch-error.js';

export interface RuntimeOptions {
  /** A bundle's file. The weights stay where they are in it: it may not change while the runtime is open. */
  readonly bundle: Uint8Array;
  /** Files of addenda to that bundle, in any order. */
  readonly addenda?: readonly Uint8Array[];
  /** Which ratio runs at which operating point. */
  readonly points: readonly RuntimePoint[];
  /** Name of the point to begin at; default: the first. */
  readonly operatingPoint?: string;
  /** Images in one run; `dynamic` for as many as each brings. Default 1. */
  readonly batch?: number | 'dynamic';
  /** Threads that a network runs on; default 1. */
  readonly threads?: number;
  /**
   * Whether to do at once what all loads of a ratio have in common, in a process of its own: some tenths of a second, after which
   * switches are faster and take less memory. Default true.
   */
  readonly prepare?: boolean;
  /** Hears why that was not possible; everything works without. */
  readonly onUnprepared?: (reason: Error) => void;
  /** Hears of every switch that was made. */
  readonly onSwitch?: (made: Switch) => void;
  /** Hears of every switch that failed, whoever asked for it. */
  readonly onSwitchFailed?: (error: SwitchError) => void;
  /** Loads subnets; default: by onnxruntime-node. */
  readonly openSession?: OpenSession;
}

export interface Switch {
  readonly from: string;
  readonly to: string;
  readonly ratio: number;
  /** Until the subnet was ready to answer; near 0 where both points run the same one. */
  readonly tookMs: number;
}

export interface Inference {
  /** [batch, classes] */
  readonly logits: Float32Array;
  /** Of the subnet that answered, which was loaded for this point. */
  readonly ratio: number;
  readonly operatingPoint: string;
  /** Of the run alone, without the wait for those before it. */
  readonly latencyMs: number;
}

/** What `update` changes. */
export interface RuntimeUpdate {
  readonly addenda?: readonly Uint8Array[];
  /** In place of those before. */
  readonly points?: readonly RuntimePoint[];
}

/** What switches go between. An update changes all of it at once. */
interface Offer {
  readonly bundle: Bundle;
  readonly points: readonly RuntimePoint[];
  readonly subnets: LoadableSubnets;
}

/** An offer that counts once a subnet of it answers. */
interface Update {
  readonly offer: Offer;
  readonly made: () => void;
  readonly refused: (error: unknown) => void;
}

interface Active {
  readonly point: RuntimePoint;
  readonly subnet: LoadedSubnet;
}

interface Target {
  readonly offer: Offer;
  readonly point: RuntimePoint;
  /** What comes into force with it. */
  readonly update: Update | undefined;
}

/**
 * Serves inferences from the subnet of the operating point of the moment, out of one bundle in memory. Inferences run one
 * after the other; one that begins while a subnet is loaded is answered by the subnet before it, whole.
 */
export class DeviceRuntime {
  readonly #options: RuntimeOptions;
  #offer: Offer;
  #update: Update | undefined;
  #active!: Active;
  #wanted: string;
  #switching: Promise<void> | undefined;
  /** Of the subnet before: there are never more than two. */
  #retired: Promise<void> = Promise.resolve();
  #stopFollowing = () => {};
  #lastInference: Promise<unknown> = Promise.resolve();
  #lastUpdate: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  private constructor(options: RuntimeOptions) {
    const { points, addenda = [] } = options;
    this.#options = options;
    const bundle = withAddenda(readBundleInPlace(options.bundle), addenda);
    checkPoints(points, ratiosOf(bundle));
    this.#wanted = pointNamed(points, options.operatingPoint ?? points[0]!.name).name;
    this.#offer = { bundle, points, subnets: LoadableSubnets.unprepared(bundle, options.batch ?? 1) };
  }

  /**
   * @throws BundleError when the bundle or an addendum cannot be read or they do not belong together; RangeError when a
   * point's ratio is in none of them; SwitchError when the first subnet cannot be loaded.
   */
  static async open(options: RuntimeOptions): Promise<DeviceRuntime> {
    const runtime = new DeviceRuntime(options);
    const offer = await runtime.#prepared(runtime.#offer);
    const point = pointNamed(offer.points, runtime.#wanted);
    runtime.#offer = offer;
    runtime.#active = { point, subnet: await runtime.#load({ offer, point }) };
    return runtime;
  }

  /** Name of the point whose subnet answers. */
  get operatingPoint(): string {
    return this.#active.point.name;
  }

  get points(): readonly RuntimePoint[] {
    return this.#offer.points;
  }

  /**
   * Runs images through the subnet of the moment.
   * @param images [batch, channels, height, width] as one array, left alone until the answer is there
   * @throws RangeError when they are of another size; Error when the runtime is closed.
   */
  async infer(images: Float32Array): Promise<Inference> {
    this.#requireOpen();
    this.#checkImages(images);
    const answer = this.#lastInference.then(() => this.#run(images));
    this.#lastInference = answer.catch(() => undefined); // whoever asked hears of it
    return answer;
  }

  /**
   * Switches to a point's subnet. Of several requests at once the last one counts, and all end with it.
   * @throws RangeError when there is no such point; SwitchError when the subnet cannot be loaded, and the one before goes on.
   */
  async setOperatingPoint(name: string): Promise<void> {
    this.#requireOpen();
    this.#wanted = pointNamed(this.points, name).name;
    await this.#settle();
  }

  /**
   * Takes ratios of further addenda and another choice of ratios, all of it or nothing. Goes on at the operating point of the
   * same name, or at the first where it is gone; until that one's subnet answers, everything is as before.
   * @throws BundleError or RangeError as `open` does, SwitchError as `setOperatingPoint` does: with nothing changed, so that the
   * same may be tried again.
   */
  update(change: RuntimeUpdate): Promise<void> {
    const update = this.#lastUpdate.then(() => this.#apply(change));
    this.#lastUpdate = update.catch(() => undefined); // whoever asked hears of it
    return update;
  }

  /**
   * Goes where the device's clocks go until the returned function is called, or `follow` again, or the runtime is closed. A switch
   * that fails is tried again while its point stays the nearest one.
   * @throws RangeError when no operating point names a clock.
   */
  follow(source: ClockSource, options: FollowOptions = {}): () => void {
    this.#requireOpen();
    this.#stopFollowing();
    this.#stopFollowing = followClock(this, source, options);
    return this.#stopFollowing;
  }

  /** Ends when inferences that were asked for are answered and all memory is given back. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#stopFollowing();
    await this.#switching?.catch(() => undefined);
    await this.#lastInference;
    const given = await Promise.allSettled([this.#retired, this.#active.subnet.retire()]);
    for (const each of given) if (each.status === 'rejected') throw each.reason;
  }

  async #apply({ addenda = [], points = this.points }: RuntimeUpdate): Promise<void> {
    this.#requireOpen();
    const bundle = withAddenda(this.#offer.bundle, addenda);
    checkPoints(points, ratiosOf(bundle));
    const subnets = this.#offer.subnets.of(bundle, this.#options.batch ?? 1);
    const offer = await this.#prepared({ bundle, points, subnets });
    this.#requireOpen();
    await new Promise<void>((made, refused) => {
      this.#update = { offer, made, refused };
      this.#settle().catch(refused); // a switch that fails after this one is no matter of the update
    });
  }

  async #run(images: Float32Array): Promise<Inference> {
    const { point, subnet } = this.#active;
    const startedMs = performance.now();
    const logits = await subnet.run(images);
    const latencyMs = performance.now() - startedMs;
    return { logits, ratio: subnet.ratio, operatingPoint: point.name, latencyMs };
  }

  /** One switch after the other until the point that is wanted last is in force. */
  #settle(): Promise<void> {
    this.#switching ??= this.#switchOn();
    return this.#switching;
  }

  async #switchOn(): Promise<void> {
    await Promise.resolve(); // or it could end before `#switching` is set
    try {
      for (let target = this.#target(); !this.#isInForce(target); target = this.#target()) {
        await this.#goTo(target);
      }
    } finally {
      // In the same turn as the last look at what is wanted: whoever asks from here on starts another.
      this.#switching = undefined;
      this.#update = undefined;
    }
  }

  #isInForce({ point, update }: Target): boolean {
    return point === this.#active.point && !update;
  }

  /** @throws SwitchError, unless something else is wanted by now */
  async #goTo(target: Target): Promise<void> {
    try {
      if (target.point === this.#active.point) this.#putInForce(target, this.#active.subnet);
      else await this.#switchTo(target);
    } catch (error) {
      if (!(error instanceof SwitchError)) throw error;
      this.#options.onSwitchFailed?.(error);
      this.#giveUp(target, error);
    }
  }

  /** What is wanted at the moment. */
  #target(): Target {
    const offer = this.#update?.offer ?? this.#offer;
    const point = offer.points.find(({ name }) => name === this.#wanted) ?? offer.points[0]!;
    return { offer, point, update: this.#update };
  }

  async #switchTo(target: Target): Promise<void> {
    const { name: to, ratio } = target.point;
    const startedMs = performance.now();
    const before = this.#active;
    const isSame = before.subnet.ratio === ratio;
    const subnet = isSame ? before.subnet : await this.#load(target);
    this.#putInForce(target, subnet);
    if (!isSame) this.#retire(before.subnet);
    const tookMs = performance.now() - startedMs;
    this.#options.onSwitch?.({ from: before.point.name, to, ratio, tookMs });
  }

  #putInForce({ offer, point, update }: Target, subnet: LoadedSubnet): void {
    this.#active = { point, subnet };
    if (!update) return;
    this.#offer = offer;
    this.#update = undefined;
    if (!offer.points.some(({ name }) => name === this.#wanted)) this.#wanted = point.name;
    update.made();
  }

  /** @throws the error, for who asked for a switch, unless something else is wanted by now */
  #giveUp({ point, update }: Target, error: SwitchError): void {
    const wanted = this.#target();
    if (wanted.point !== point || wanted.update !== update) return;
    if (!update) {
      this.#wanted = this.operatingPoint;
      throw error;
    }
    this.#update = undefined;
    update.refused(error);
  }

  /** @throws what came of retiring the subnet before, once */
  #freeOfOthers(): Promise<void> {
    const retired = this.#retired;
    this.#retired = Promise.resolve();
    return retired;
  }

  #retire(subnet: LoadedSubnet): void {
    this.#retired = subnet.retire();
    this.#retired.catch(() => undefined); // whoever waits for it hears of it
  }

  /** @throws SwitchError */
  async #load({ offer, point }: Pick<Target, 'offer' | 'point'>): Promise<LoadedSubnet> {
    const { name, ratio } = point;
    const { openSession = openOnnxSession, threads = 1 } = this.#options;
    const { channels, height, width } = offer.bundle.family.network.input;
    const image = [channels, height, width];
    try {
      await this.#freeOfOthers();
      const open = (subnet: LoadableSubnet) => openSession(subnet, { image, threads });
      return await LoadedSubnet.load(ratio, offer.subnets.at(ratio), open);
    } catch (error) {
      throw new SwitchError(name, ratio, error);
    }
  }

  async #prepared(offer: Offer): Promise<Offer> {
    if (this.#options.prepare === false) return offer;
    try {
      return { ...offer, subnets: await offer.subnets.prepared(offer.points.map(({ ratio }) => ratio)) };
    } catch (error) {
      this.#options.onUnprepared?.(error as Error);
      return offer;
    }
  }

  #checkImages(images: Float32Array): void {
    const { channels, height, width } = this.#offer.bundle.family.network.input;
    const { batch = 1 } = this.#options;
    const size = channels * height * width;
    const fits =
      batch === 'dynamic' ? images.length > 0 && images.length % size === 0 : images.length === batch * size;
    if (fits) return;
    const count = batch === 'dynamic' ? 'a multiple of' : `${batch} x`;
    throw new RangeError(
      `images: ${images.length} values, expected ${count} ${channels} x ${height} x ${width}`,
    );
  }

  #requireOpen(): void {
    if (this.#closing) throw new Error('the runtime is closed');
  }
}

const withAddenda = (bundle: Bundle, addenda: readonly Uint8Array[]): Bundle =>
  addenda.map(readAddendum).reduce(applyAddendum, bundle);

const ratiosOf = ({ family }: Bundle): number[] => family.members.map(({ ratio }) => ratio);
