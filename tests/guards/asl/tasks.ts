import { called, type Machine, machineNamed, type Task, tasksOf } from './machine.ts';

type Net = 'TimeoutSeconds' | 'Retry' | 'Catch';

/** A Task that lacks one of its three nets, and why that is right. */
export type Exception = { machine: string; state: string; lacks: Net; reason: string };

export type Stack = {
  /** Seconds after which Lambda ends each function. */
  functionTimeouts: ReadonlyMap<string, number>;
  /** Our own errors that may go away by themselves. */
  transient: readonly string[];
};

/**
 * Transport errors that every Task of the kind can meet: https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html
 * A function in a VPC that nobody called for weeks goes to sleep, and refuses the calls of the minute in which it wakes up, which is what a
 * restore meets at each step: https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
 * What Step Functions itself has no name for, being throttled among it, comes under that of its client's base class.
 */
const TRANSPORT = {
  function: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.ClientExecutionTimeoutException',
    'Lambda.TooManyRequestsException',
    'Lambda.ResourceNotReadyException',
    'Lambda.ResourceConflictException',
  ],
  machine: [
    'StepFunctions.ThrottlingException',
    'StepFunctions.AWSStepFunctionsException',
    'StepFunctions.SdkClientException',
  ],
};

/** A Task of a machine, with what is missing or senseless about it. */
type Finding = { lacks: Net | null; what: string };

/**
 * Each Task has a time-out that is later than that of what it calls, retries what is transient and nothing else, with
 * jitter, and catches the rest; or it stands in `exceptions`, and needs to.
 */
export function taskFindings(all: readonly Machine[], exceptions: readonly Exception[], stack: Stack): string[] {
  const used = new Set<Exception>();
  const findings = tasksOf(all).flatMap(({ machine, name, at }) =>
    [...timeOut(at, all, stack), ...retry(at, stack), ...catches(at)].flatMap(({ lacks, what }) => {
      const exception = exceptions.find(
        (one) => one.machine === machine.name && one.state === name && one.lacks === lacks,
      );
      if (exception === undefined) return [`${machine.name}.${name}: ${what}`];
      used.add(exception);
      return [];
    }),
  );
  const stale = exceptions.filter((one) => !used.has(one));
  const uncaught = new Set(exceptions.filter((one) => one.lacks === 'Catch').map((one) => one.machine));
  return [
    ...findings,
    ...stale.map((one) => `${one.machine}.${one.state}: is excepted from ${one.lacks} and does not need to be`),
    ...[...uncaught].flatMap((machine) => uncaughtParents(all, machine)),
  ];
}

function timeOut(at: Task, all: readonly Machine[], { functionTimeouts }: Stack): Finding[] {
  if (at.TimeoutSeconds === undefined) return [{ lacks: 'TimeoutSeconds', what: 'has no TimeoutSeconds' }];
  const { kind, name } = called(at);
  const inner = kind === 'function' ? functionTimeouts.get(name) : machineNamed(all, name).TimeoutSeconds;
  if (inner === undefined) return [{ lacks: null, what: `calls ${name}, which has no time-out of its own` }];
  if (at.TimeoutSeconds > inner) return [];
  return [{ lacks: null, what: `times out after ${at.TimeoutSeconds} s, and ${name} only after ${inner} s` }];
}

function retry(at: Task, { transient }: Stack): Finding[] {
  if (at.Retry === undefined) return [{ lacks: 'Retry', what: 'has no Retry' }];
  const transport = TRANSPORT[called(at).kind];
  const names = at.Retry.flatMap((retrier) => retrier.ErrorEquals);
  const goesAway = (name: string) => transient.includes(name) || /^(Lambda|Sandbox|StepFunctions)\./.test(name);
  const bounded = at.Retry.filter(
    (one) => one.JitterStrategy === 'FULL' && one.MaxDelaySeconds !== undefined && one.MaxAttempts !== undefined,
  );
  return [
    ...names.filter((name) => !goesAway(name)).map((name) => `retries ${name}, which is not transient only`),
    ...transport.filter((name) => !names.includes(name)).map((name) => `does not retry ${name}`),
    ...at.Retry.filter((one) => !bounded.includes(one)).map(
      (one) => `retries ${one.ErrorEquals[0]} without MaxAttempts, MaxDelaySeconds and full jitter`,
    ),
  ].map((what) => ({ lacks: null, what }));
}

function catches(at: Task): Finding[] {
  if (at.Catch === undefined) return [{ lacks: 'Catch', what: 'has no Catch' }];
  const findings: Finding[] = [];
  const wide = at.Catch.findIndex((catcher) => catcher.ErrorEquals.includes('States.ALL'));
  if (wide !== at.Catch.length - 1 || at.Catch[wide]?.ErrorEquals.length !== 1) {
    findings.push({ lacks: null, what: 'does not catch States.ALL, alone and last' });
  }
  for (const { ErrorEquals, ResultPath } of at.Catch) {
    if (ResultPath !== undefined) continue;
    findings.push({ lacks: null, what: `catches ${ErrorEquals[0]} without a ResultPath, and so forgets the state` });
  }
  return findings;
}

/** A Task without a Catch ends its machine; that is right where whoever started the machine catches everything. */
function uncaughtParents(all: readonly Machine[], machine: string): string[] {
  const parents = tasksOf(all).filter(
    ({ at }) => called(at).kind === 'machine' && machineNamed(all, called(at).name).name === machine,
  );
  if (parents.length === 0) return [`${machine}: lets errors through, and nothing that catches them starts it`];
  return parents
    .filter(({ at }) => !at.Catch?.some((catcher) => catcher.ErrorEquals.includes('States.ALL')))
    .map(
      (at) => `${at.machine.name}.${at.name}: starts ${machine}, which lets errors through, and does not catch them`,
    );
}
