import { ServiceError } from '../service.ts';
import type { Fault } from './fault.ts';

type Subject = { service: string; operation: string; input: Record<string, unknown>; by?: string | null };

/** The faults that are armed. */
export type Faults = {
  arm(fault: Fault): void;
  clear(): void;
  /** Those that are not used up. */
  armed(): readonly Fault[];
  /** The fault that hits this call, used up by one; null for none. */
  take(call: Subject): Fault | null;
};

/** The client has gone, or the fault wants that it never hears: there is nobody to answer. */
export class NobodyListensError extends Error {
  override readonly name = 'NobodyListensError';
}

export function createFaults(): Faults {
  let armed: Fault[] = [];
  return {
    arm: (fault) => {
      armed.push({ ...fault });
    },
    clear: () => {
      armed = [];
    },
    armed: () => armed,
    take(call) {
      for (const fault of armed.filter((candidate) => hits(candidate, call))) {
        fault.skip -= 1;
        if (fault.skip >= 0) continue;
        fault.times -= 1;
        if (fault.times === 0) armed = armed.filter((other) => other !== fault);
        return fault;
      }
      return null;
    },
  };
}

function hits(fault: Fault, { service, operation, input, by = null }: Subject): boolean {
  return (
    fault.service === service &&
    fault.operation === operation &&
    (fault.by === undefined || fault.by === by) &&
    Object.entries(fault.where).every(([name, value]) => String(input[name]) === value)
  );
}

/** Runs `effect` as the fault wants it. `gone` settles when the client has left. */
export async function suffer<T>(fault: Fault | null, effect: () => Promise<T>, gone: Promise<void>): Promise<T> {
  const fail = async (): Promise<never> => {
    await new Promise((resolve) => setTimeout(resolve, fault?.heldMs ?? 0));
    throw new ServiceError(fault?.code ?? '', `A fault that a test asked for (${fault?.mode}).`, fault?.status);
  };
  switch (fault?.mode) {
    case undefined:
      return effect();
    case 'fail-before':
      return fail();
    case 'fail-after':
      await effect();
      return fail();
    case 'hang':
      await gone;
      throw new NobodyListensError();
    case 'twice':
      // The first one's answer is the one that got lost.
      await Promise.allSettled([effect()]);
      return effect();
    case 'late':
      await new Promise((resolve) => setTimeout(resolve, fault?.afterMs));
      return effect();
  }
}
