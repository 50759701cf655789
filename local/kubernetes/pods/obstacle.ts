/** Why a container does not start yet; the kubelet shows reason and message as its waiting state and tries again. */
export class Obstacle extends Error {
  override readonly name: string = 'Obstacle';
  readonly reason: string;
  constructor(reason: string, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** The container's configuration names something that is not there. */
export class ConfigError extends Obstacle {
  override readonly name = 'ConfigError';
  constructor(message: string) {
    super('CreateContainerConfigError', message);
  }
}

/** A volume cannot be mounted: the container stays in ContainerCreating, and only an event says why. */
export class MountError extends Obstacle {
  override readonly name = 'MountError';
  constructor(message: string) {
    super('ContainerCreating', message);
  }
}

export class ImageError extends Obstacle {
  override readonly name = 'ImageError';
}
