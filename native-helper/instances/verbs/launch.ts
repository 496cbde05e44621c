// SPDX-License-Identifier: MIT
import { randomBytes, randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { InstanceName } from '#contract/names.ts';
import type { LaunchParams, OperationAccepted } from '#contract/instances.ts';
import { defaultSizes, wholeMebibytes } from '#contract/default-sizes.ts';
import { formatBytes } from '#contract/units.ts';
import { sentence } from '#messages/say.ts';
import type { CheckedDocument } from '../../cloudinit/seed-documents.ts';
import { allOrFirstFault } from '../../core/all-or-first-fault.ts';
import { HelperError } from '../../core/errors.ts';
import type { VaultRecord } from '../../core/seams/images.ts';
import type { Actor, OperationContext } from '../../core/seams/operation.ts';
import { generateSshKeyPair, type SshKeyPair } from '../../guest/keys.ts';
import { macFor } from '../../network/mac.ts';
import type { InstanceRecord } from '../../store/instance-record.ts';
import { awaitFirstBoot, awaitGuest, waitOf } from '../boot/await-guest.ts';
import { bootTimeline, ofLaunch } from '../boot/boot-timeline.ts';
import type { Instance } from '../instance/instance.ts';
import type { PhaseTimeline } from '../boot/phase-timeline.ts';
import { removeInstance } from './remove-instance.ts';
import { requireConsent } from '../security/require-consent.ts';
import { requireMemory } from '../machine/require-memory.ts';
import { newUser } from '../instance/run-as.ts';
import { strictSettings } from '../security/security-settings.ts';
import type { InstanceServices } from '../instance/services.ts';
import { quietSecondsFor } from './start.ts';
import { inPhase, startMachine } from '../machine/start-machine.ts';
import { end } from './stop.ts';
import { suggestName } from '../instance/suggest-name.ts';

/** For one document, and those of the same user before it. */
const documentLimitMs = 60_000;

/**
 * Launches a new instance. Until its guest answers on SSH, a failure or a cancel takes away all that
 * was made; from then on the instance stays, whatever cloud-init makes of it. `signal` ends the wait for it to begin.
 */
export async function launch(
  services: InstanceServices,
  actor: Actor,
  params: LaunchParams,
  signal: AbortSignal,
): Promise<OperationAccepted> {
  const name = params.name ?? suggestName((taken) => services.registry.isTaken(taken));
  if (services.registry.isTaken(name)) {
    const where = services.registry.find(name)?.record.deletedAt ? sentence('instance.deleted-but-recoverable') : '';
    throw new HelperError('instance.exists', { name, where });
  }
  await requireMemory(params.memoryBytes);
  const document = await checkedDocument(
    services,
    actor,
    params,
    AbortSignal.any([signal, AbortSignal.timeout(documentLimitMs)]),
  );
  services.quotas.require('max_instances', actor.uid, services.registry.ownedBy(actor.uid).length + 1);
  await requireConsent(services, name, params.isAllowedWithoutAppArmor ?? false).catch(async (error: unknown) => {
    await services.images.requireKnown(params.image, actor, signal);
    throw error;
  });
  const accepted = await services.operations.start({ kind: 'launch', target: name, actor }, async (ctx) => {
    await new Launch(services, name, { params, document }, ctx).run();
  });
  return {
    ...accepted,
    ...(document && document.report.warnings.length > 0 && { warnings: [...document.report.warnings] }),
  };
}

async function checkedDocument(
  services: InstanceServices,
  { uid }: Actor,
  params: LaunchParams,
  signal: AbortSignal,
): Promise<CheckedDocument | undefined> {
  const { userData, userDataBase64 } = params;
  if (userData !== undefined && userDataBase64 !== undefined)
    throw new HelperError('request.invalid', { reason: sentence('instance.user-data-twice') });
  if (userData === undefined && userDataBase64 === undefined) return undefined;
  services.quotas.require('max_documents', uid, services.seeds.checksOf(uid) + 1);
  const bytes = userDataBase64 === undefined ? Buffer.from(userData ?? '') : Buffer.from(userDataBase64, 'base64');
  return { bytes, report: await services.seeds.check({ bytes, uid }, signal) };
}

interface Asked {
  readonly params: LaunchParams;
  readonly document: CheckedDocument | undefined;
}

interface Made {
  readonly instance: Instance;
  readonly image: VaultRecord;
  readonly keys: { readonly user: SshKeyPair; readonly host: SshKeyPair };
}

class Launch {
  readonly #services: InstanceServices;
  readonly #name: InstanceName;
  readonly #params: LaunchParams;
  readonly #document: CheckedDocument | undefined;
  readonly #ctx: OperationContext;

  constructor(services: InstanceServices, name: InstanceName, { params, document }: Asked, ctx: OperationContext) {
    this.#services = services;
    this.#name = name;
    this.#params = params;
    this.#document = document;
    this.#ctx = ctx;
  }

  async run(): Promise<void> {
    const { registry } = this.#services;
    const ctx = this.#ctx;
    const imageStartedAt = new Date();
    const { instance, image, keys } = await this.#make();
    const timeline = bootTimeline(this.#services, instance, 1, ofLaunch);
    timeline.begin('image', imageStartedAt);
    timeline.end('image', new Date(), `${image.image.title}, sha256 ${image.image.fingerprint.slice(0, 12)}`);

    const boot = await startMachine(
      this.#services,
      instance,
      { timeline, prepare: () => this.#prepareFiles(instance, image, keys, timeline) },
      ctx,
    );
    const quietSeconds = quietSecondsFor(boot.spec.accelerator, this.#params.timeoutSeconds);
    await awaitGuest(this.#services, instance, boot, { ...waitOf(ctx), quietSeconds });
    await registry.update(instance, () => ({ launchedAt: new Date().toISOString() }));
    ctx.undo.move(); // the guest answers: from here on nothing takes it away
    try {
      await awaitFirstBoot(this.#services, instance, boot, waitOf(ctx));
    } catch (error) {
      throw ctx.signal.aborted
        ? new HelperError('operation.cancelled-late', { name: this.#name }, { cause: error })
        : error;
    }
  }

  /** The instance as its first record says; until that stands, nobody removes the image. */
  async #make(): Promise<Made> {
    const { registry, images, quotas } = this.#services;
    const ctx = this.#ctx;
    ctx.report({ step: 'image' });
    using held = await images.hold(this.#params.image, ctx).catch((error: unknown) => {
      throw inPhase(error, 'image');
    });
    const image = held.record;
    const keys = { user: await generateSshKeyPair(`berth-${this.#name}`), host: await generateSshKeyPair(this.#name) };
    const record = await this.#newRecord(image, keys.host);
    // of launches at once only so many get a place
    quotas.require('max_instances', ctx.actor.uid, registry.ownedBy(ctx.actor.uid).length + 1);
    const instance = await registry.add(record);
    ctx.undo.defer(() => removeInstance(this.#services, instance));
    return { instance, image, keys };
  }

  async #newRecord(image: VaultRecord, hostKey: SshKeyPair): Promise<InstanceRecord> {
    const { registry } = this.#services;
    const { fingerprint, title, os, release, defaultUser, architecture, virtualBytes } = image.image;
    const id = randomBytes(4).toString('hex');
    const sizes = defaultSizes({ hostCpus: availableParallelism(), leastDiskBytes: virtualBytes });
    return {
      schema: 2,
      revision: 0,
      id,
      uuid: randomUUID(),
      name: this.#name,
      owner: { uid: this.#ctx.actor.uid, gid: this.#ctx.actor.gid },
      runAs: await newUser(this.#services),
      createdAt: new Date().toISOString(),
      desired: 'running',
      image: {
        fingerprint,
        ...(image.diskDigest && { diskDigest: image.diskDigest }),
        title,
        os,
        release,
        defaultUser,
        architecture,
      },
      cpus: this.#params.cpus ?? sizes.cpus,
      memoryBytes: this.#params.memoryBytes ?? sizes.memoryBytes,
      diskBytes: this.#diskBytes(title, virtualBytes) ?? sizes.diskBytes,
      mac: macFor(id, (mac) => registry.all().some(({ record }) => record.mac === mac)),
      hostKey: hostKey.publicKey,
      boots: [],
      security: { ...strictSettings, isAllowedWithoutAppArmor: this.#params.isAllowedWithoutAppArmor ?? false },
    };
  }

  /** As asked for. @throws HelperError image.disk-too-small for less than the image's own disk */
  #diskBytes(image: string, virtualBytes: number): number | undefined {
    const asked = this.#params.diskBytes;
    if (asked !== undefined && asked < virtualBytes)
      throw new HelperError('image.disk-too-small', {
        image,
        asked: formatBytes(asked),
        least: formatBytes(wholeMebibytes(virtualBytes)),
      });
    return asked;
  }

  /** Disk, keys and seed, at the same time: none needs another. */
  async #prepareFiles(
    instance: Instance,
    image: VaultRecord,
    keys: { user: SshKeyPair; host: SshKeyPair },
    timeline: PhaseTimeline,
  ): Promise<void> {
    const { images, seeds, store } = this.#services;
    const { record } = instance;
    const { signal } = this.#ctx;
    const files = this.#services.files.instance(this.#name);
    const identity = {
      hostName: this.#name,
      user: record.image.defaultUser,
      authorizedKey: keys.user.publicKey,
      hostKey: keys.host,
      timeZone: this.#params.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    };
    this.#ctx.report({ step: 'disk' });
    timeline.begin('disk', new Date());
    timeline.begin('seed', new Date());
    const disk = images
      .createOverlay({ base: image, path: files.disk, sizeBytes: record.diskBytes, owner: record.runAs }, signal)
      .then(
        () => timeline.end('disk', new Date(), `qcow2 overlay on ${record.image.fingerprint.slice(0, 12)}`),
        (error: unknown) => {
          throw inPhase(error, 'disk');
        },
      );
    const seed = seeds
      .write(
        { identity, instanceId: record.uuid, mac: record.mac, userDocument: this.#document },
        files.seed,
        record.runAs,
        signal,
      )
      .then(
        () => timeline.end('seed', new Date(), 'NoCloud, label cidata'),
        (error: unknown) => {
          throw inPhase(error, 'seed');
        },
      );
    const secrets = store.writeSecrets(this.#name, { schema: 1, privateKey: keys.user.privateKey });
    await allOrFirstFault([disk, seed, secrets]);
  }
}

/** A launch that never came through leaves nothing; one whose guest had answered has its instance. */
export async function undoLaunch(services: InstanceServices, instance: Instance): Promise<void> {
  if (instance.record.launchedAt !== undefined) return;
  await endMachine(instance);
  await removeInstance(services, instance);
}

/** @throws HelperError instance.wrong-state where nobody knows whether a machine runs */
async function endMachine(instance: Instance): Promise<void> {
  const { boot } = instance;
  if (instance.isUncertain)
    throw new HelperError('instance.wrong-state', {
      name: instance.name,
      state: sentence('state.unknown'),
      command: sentence('instance.be-removed'),
    });
  if (!boot) return;
  boot.isEndExpected = true;
  await end(boot);
}
