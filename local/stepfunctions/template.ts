import { runtimeFailure } from './failure.ts';
import { INTRINSICS } from './intrinsics.ts';
import { isObject, type Json } from './json.ts';
import { find, type Path, parsePath, type Scope } from './path.ts';

/** Makes a value from a scope. */
export type Template = (scope: Scope) => Json;

/** A payload template: as it stands, but for fields `name.$`, which become `name` with what their expression finds. */
export function compileTemplate(json: Json): Template {
  if (Array.isArray(json)) {
    const items = json.map(compileTemplate);
    return (scope) => items.map((item) => item(scope));
  }
  if (!isObject(json)) return () => json;
  const fields = Object.entries(json).map(([name, value]): [string, Template] => {
    if (!name.endsWith('.$')) return [name, compileTemplate(value)];
    if (typeof value !== 'string') throw new Error(`"${name}" is not a string with a path or an intrinsic function.`);
    return [name.slice(0, -2), compileExpression(value, name)];
  });
  return (scope) => Object.fromEntries(fields.map(([name, make]) => [name, make(scope)]));
}

/**
 * A path or an intrinsic function.
 *
 * @param field the name that errors say it by
 */
export function compileExpression(source: string, field: string): Template {
  const reader = new Reader(source, field);
  const template = reader.expression();
  if (reader.rest !== '') throw new Error(`"${source}" goes on after its end: "${reader.rest}".`);
  return template;
}

function compilePathAt(path: Path, field: string): Template {
  return (scope) => {
    const value = find(path, scope);
    if (value !== undefined) return value;
    throw runtimeFailure(
      `The JSONPath '${path.text}' specified for the field '${field}' could not be found in the input '${JSON.stringify(scope.input)}'`,
    );
  };
}

const PATH = /^\$(?:[^\s,()'"[\]]|\['[^']*'\]|\["[^"]*"\]|\[\d+\])*/;
const CALL = /^(States\.\w+)\(\s*/;
const STRING = /^'((?:[^'\\]|\\[\\'{}])*)'/;
const LITERAL = /^(?:-?\d+(?:\.\d+)?|true|false|null)/;

class Reader {
  rest: string;
  readonly source: string;
  readonly field: string;

  constructor(source: string, field: string) {
    this.rest = source;
    this.source = source;
    this.field = field;
  }

  expression(): Template {
    const path = this.take(PATH);
    if (path) return compilePathAt(parsePath(path[0]), this.field);
    const call = this.take(CALL);
    if (call) return this.call(call[1] ?? '');
    throw new Error(`"${this.source}" is neither a path nor an intrinsic function.`);
  }

  private call(name: string): Template {
    const run = INTRINSICS[name];
    if (!run) throw new Error(`The local cloud has no intrinsic function ${name}.`);
    const args: Template[] = [];
    while (!this.take(/^\s*\)/)) {
      if (args.length > 0 && !this.take(/^\s*,\s*/)) throw new Error(`"${this.source}" is no call of a function.`);
      args.push(this.argument());
    }
    return (scope) => run(args.map((argument) => argument(scope)));
  }

  private argument(): Template {
    const string = this.take(STRING);
    if (string) {
      const value = (string[1] ?? '').replace(/\\(.)/g, '$1');
      return () => value;
    }
    const literal = this.take(LITERAL);
    if (literal) {
      const value: Json = JSON.parse(literal[0]);
      return () => value;
    }
    return this.expression();
  }

  private take(pattern: RegExp): RegExpExecArray | null {
    const match = pattern.exec(this.rest);
    if (match) this.rest = this.rest.slice(match[0].length);
    return match;
  }
}
