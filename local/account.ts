/** The account that every local cloud is, and the region that it stands in. */
export const ACCOUNT = '000000000000';
export const REGION = 'eu-west-1';

/** The database that a local cloud comes with. */
export const DATABASE = 'carthub';

/** What a stack for `database` works on, as the parameters of serverless.yml name it. */
export function namesOf(database: string): { bucket: string; instance: string; secret: string; cluster: string } {
  return {
    bucket: `carthub-db-${database}-${ACCOUNT}-${REGION}`,
    instance: `${database}-db`,
    secret: `${database}-db/master`,
    cluster: `${database}-eks`,
  };
}
