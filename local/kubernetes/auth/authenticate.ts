import { timingSafeEqual } from 'node:crypto';
import { unauthorized } from '../api/status.ts';
import { type Principal, verifyToken } from './token.ts';

export type User = { name: string; groups: string[] };

export type Authenticator = (authorization: string | undefined) => User;

/**
 * Finds out who asks: the holder of the admin token in the kubeconfig file, or an AWS identity by its EKS token. Whoever is
 * nobody gets a bare 401, as from a real cluster; `say` hears the reason.
 */
export function createAuthenticator(options: {
  adminToken: string;
  cluster: string;
  endpoints: () => string[];
  principal: (accessKeyId: string) => Principal | null;
  now: () => Date;
  say: (line: string) => void;
}): Authenticator {
  const admin = Buffer.from(options.adminToken);
  return (authorization) => {
    const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
    if (token === undefined) throw unauthorized();
    const given = Buffer.from(token);
    if (given.length === admin.length && timingSafeEqual(given, admin)) {
      return { name: 'carthub-db:admin', groups: ['system:masters', 'system:authenticated'] };
    }
    try {
      const { arn, groups } = verifyToken({
        token,
        cluster: options.cluster,
        endpoints: options.endpoints(),
        principal: options.principal,
        now: options.now(),
      });
      if (groups === null) throw new Error(`${arn} has no access entry in ${options.cluster}`);
      return { name: arn, groups: [...groups, 'system:authenticated'] };
    } catch (error) {
      options.say(`kubernetes: refused a token: ${error instanceof Error ? error.message : error}`);
      throw unauthorized();
    }
  };
}
