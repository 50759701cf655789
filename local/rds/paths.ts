import { join } from 'node:path';

/** Where what lies in the folder of the local RDS. */
export type Paths = ReturnType<typeof pathsIn>;

export function pathsIn(folder: string) {
  return {
    folder,
    engine: join(folder, 'engine'),
    secret: join(folder, 'rdsadmin.secret'),
    snapshots: join(folder, 'snapshots'),
    record: (resourceId: string) => join(folder, `${resourceId}.json`),
    /** Everything of one instance. */
    root: (resourceId: string) => join(folder, resourceId),
    data: (resourceId: string) => join(folder, resourceId, 'data'),
    wal: (resourceId: string) => join(folder, resourceId, 'wal'),
    tls: (resourceId: string) => join(folder, resourceId, 'tls'),
    log: (resourceId: string) => join(folder, resourceId, 'postgres.log'),
    snapshotRecord: (identifier: string) => join(folder, 'snapshots', `${fileName(identifier)}.json`),
    snapshotData: (identifier: string) => join(folder, 'snapshots', fileName(identifier)),
  };
}

/** Automated snapshots have a colon in their name, which not every file system takes. */
function fileName(identifier: string): string {
  return identifier.replaceAll(':', '+');
}
