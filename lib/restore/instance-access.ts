import type { ClientBase } from 'pg';

/** Where an instance answers; `secretArn` names the secret of a master password that RDS manages. */
export type InstanceAddress = { host: string; port: number; secretArn?: string | null };

/** Lends a connection to an instance by its own address, whoever has the database's name. */
export type WithInstance = <T>(at: InstanceAddress, use: (client: ClientBase) => Promise<T>) => Promise<T>;

/** What the application knows to log in with. */
export type ServedCredentials = {
  /** Whether they open the instance at this address. */
  open(at: InstanceAddress): Promise<boolean>;
  current(): Promise<{ username: string; password: string }>;
};

export function addressOf(instance: {
  endpoint: { host: string; port: number };
  masterSecretArn: string | null;
}): InstanceAddress {
  return { ...instance.endpoint, secretArn: instance.masterSecretArn };
}
