import { expect, test } from '@jest/globals';
import { CarthubError, toWireMessage } from '../../../lib/errors.ts';
import { faultOf } from '../../../lib/runs/cause.ts';

class WrongError extends CarthubError {
  override readonly name = 'WrongError';
}
const wrong = new WrongError('It is wrong.', { remedy: 'Do it right.' });
const lambda = {
  Error: 'WrongError',
  Cause: JSON.stringify({ errorType: 'WrongError', errorMessage: toWireMessage(wrong), trace: [] }),
};
const nested = (inner: object) => ({
  Error: 'States.TaskFailed',
  Cause: JSON.stringify({ ExecutionArn: 'arn:aws:states:eu-west-1:0:execution:settle:x', Status: 'FAILED', ...inner }),
});

test("a Lambda's error keeps its name, message and remedy", () => {
  expect(faultOf(lambda)).toEqual({ name: 'WrongError', message: 'It is wrong.', remedy: 'Do it right.', place: null });
});

test('the place in a file comes along, with its line', () => {
  const place = { file: '002.do.typo.sql', line: 2, column: 8, caret: 'selec 1;\n^' };
  const placed = (more: object) => ({
    Error: 'WrongError',
    Cause: JSON.stringify({
      ...{ errorType: 'WrongError', trace: [] },
      errorMessage: toWireMessage(new WrongError('It is wrong.', { remedy: 'Do it right.', ...more })),
    }),
  });
  expect(faultOf(placed({ place }))).toEqual({
    ...{ name: 'WrongError', message: 'It is wrong.', remedy: 'Do it right.', place },
  });
  const nowhere = { file: 'a.sql', line: null, column: null, caret: null };
  expect(faultOf(placed({ place: nowhere }))).toMatchObject({ message: 'It is wrong.', place: null });
});

test('the first error survives two nested executions', () => {
  expect(faultOf(nested(nested(lambda))).name).toBe('WrongError');
});

test('it survives a Fail state that writes out what it met', () => {
  const failed = { Error: 'States.TaskFailed', Cause: JSON.stringify(nested(lambda)) };
  expect(faultOf(nested({ Error: 'States.TaskFailed', Cause: JSON.stringify(failed) })).name).toBe('WrongError');
});

test('a nested execution that timed out is named so', () => {
  expect(faultOf(nested({ Status: 'TIMED_OUT' }))).toMatchObject({ name: 'ExecutionTimedOut' });
});

test.each([['plain text'], [''], ['null'], ['[1]'], ['{"a":1}']])('a cause of %j is shown as it stands', (Cause) => {
  expect(faultOf({ Error: 'States.Timeout', Cause })).toEqual({
    name: 'States.Timeout',
    message: Cause,
    remedy: null,
    place: null,
  });
});
