/** One visit to a state of an execution, as far as it is known. */
export type Step = {
  /** The machine's short name: `migrate`, `run-job`. */
  machine: string;
  state: string;
  /** Of the state: Task, Wait, Choice, Succeed, Fail, Pass. */
  type: string;
  /** 0 in the root execution, 1 in what it started. */
  depth: number;
  enteredAt: Date;
  /** Milliseconds from entering to leaving; null while it is in there. */
  ms: number | null;
  /** How often it failed, counting those failures that a retry made good. */
  failures: number;
  /** The last failure, unless a retry made it good. */
  error: { name: string; message: string } | null;
  /** The execution that it started and waits for. */
  child: string | null;
  /** How often this state had been visited before in the same execution. */
  round: number;
};

export type Change = { what: 'entered' | 'left' | 'failed'; at: Date; step: Step };
