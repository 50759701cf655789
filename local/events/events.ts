import type { Json } from '../stepfunctions/json.ts';
import { refusal } from './errors.ts';
import type { CloudEvent } from './event.ts';
import { compilePattern } from './pattern.ts';
import type { RuleProperties, ScheduleProperties } from './resources.ts';
import { parseSchedule, type Schedule } from './schedule.ts';
import { compileTargetInput } from './target-input.ts';

/** EventBridge: rules on events, and the Scheduler. Their targets are state machines and functions. */
export type Events = {
  publish(event: CloudEvent): void;
  /** Starts the clocks of the schedules; one of a rate fires at once, as the real one without a start date. */
  open(): void;
  /** After this nothing is started any more. */
  stop(): void;
};

export type StartTarget = (request: { stateMachineArn: string; name: null; input: string }) => void;

/** Invokes a function and does not wait for its answer; an error of its own is in its log. */
export type InvokeTarget = (arn: string, payload: string) => Promise<unknown>;

/** However patient the policy: what a laptop cannot start after these, it cannot start. */
const MOST_ATTEMPTS = 6;
const SHORTEST_PERIOD = 250;

/**
 * @param start     starts a target; what it throws is told, and tried again
 * @param timeScale by which rates, and the pauses between attempts, are multiplied; cron follows the clock on the wall
 * @throws {RuleError} for what is not supported, by name and place
 */
export function createEvents(options: {
  rules: RuleProperties[];
  schedules: ScheduleProperties[];
  start: StartTarget;
  invoke: InvokeTarget;
  timeScale: number;
  now: () => Date;
  say: (line: string) => void;
}): Events {
  const { timeScale, now } = options;
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;
  const rules = options.rules
    .filter(({ State }) => State === 'ENABLED')
    .map((rule) => ({
      name: rule.Name,
      matches: compilePattern(rule.EventPattern, `${rule.Name}.EventPattern`),
      targets: rule.Targets.map((target) => ({
        ...target,
        makeInput: compileTargetInput(target, `${rule.Name}.Targets.${target.Id}`),
      })),
    }));
  const schedules = options.schedules.filter(({ State }) => State === 'ENABLED').map(compile);

  function later(milliseconds: number, run: () => void | Promise<void>): void {
    if (stopped) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      void run();
    }, milliseconds);
    timers.add(timer);
  }

  /** At least once, with growing pauses, a bounded number of times. */
  async function deliver(from: string, arn: string, input: string, attempts: number, pause = 1000): Promise<void> {
    if (stopped) return;
    try {
      if (arn.includes(':function:')) await options.invoke(arn, input);
      else options.start({ stateMachineArn: arn, name: null, input });
    } catch (error) {
      if (stopped) return;
      const why = error instanceof Error ? error.message : String(error);
      const next = attempts > 1 ? 'trying again' : 'giving up';
      options.say(`${from} could not start ${arn}: ${why}; ${next}.`);
      if (attempts > 1) later(pause * timeScale, () => deliver(from, arn, input, attempts - 1, pause * 2));
    }
  }

  function fire(schedule: ScheduleProperties, at: Date): void {
    const time = `${at.toISOString().slice(0, 19)}Z`;
    const { Arn, Input, RetryPolicy } = schedule.Target;
    void deliver(schedule.Name, Arn, Input.replaceAll(SCHEDULED_TIME, time), attemptsOf(RetryPolicy));
  }

  function repeat(schedule: ScheduleProperties, when: Schedule): void {
    if ('everyMilliseconds' in when) {
      fire(schedule, now());
      later(Math.max(SHORTEST_PERIOD, when.everyMilliseconds * timeScale), () => repeat(schedule, when));
      return;
    }
    const at = now().getTime();
    const next = new Date(at - (at % 60_000) + 60_000);
    later(next.getTime() - at, () => {
      if (when.cron(next)) fire(schedule, next);
      repeat(schedule, when);
    });
  }

  return {
    publish(event) {
      const json: Json = JSON.parse(JSON.stringify(event));
      for (const { name, matches, targets } of rules) {
        if (!matches(json)) continue;
        for (const { Arn, makeInput, RetryPolicy } of targets) {
          const input = makeInput(json);
          later(0, () => deliver(name, Arn, input, attemptsOf(RetryPolicy)));
        }
      }
    },
    open() {
      for (const { schedule, when } of schedules) repeat(schedule, when);
    },
    stop() {
      stopped = true;
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';

function compile(schedule: ScheduleProperties): { schedule: ScheduleProperties; when: Schedule } {
  const other = /<aws\.[^>]*>/.exec(schedule.Target.Input.replaceAll(SCHEDULED_TIME, ''));
  if (other) throw refusal(`${schedule.Name}.Target.Input: the local cloud does not fill in ${other[0]}.`);
  const { ScheduleExpression, ScheduleExpressionTimezone, Name } = schedule;
  return { schedule, when: parseSchedule(ScheduleExpression, ScheduleExpressionTimezone, Name) };
}

function attemptsOf(policy: { MaximumRetryAttempts: number } | undefined): number {
  return Math.min(MOST_ATTEMPTS, 1 + (policy?.MaximumRetryAttempts ?? MOST_ATTEMPTS));
}
