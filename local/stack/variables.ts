import { isObject, type Json } from '../stepfunctions/json.ts';
import { readDocument } from './document.ts';
import { refusal } from './errors.ts';

/** What `${opt:...}`, `${param:...}` and `${aws:...}` stand for. */
export type Given = {
  options: Record<string, string>;
  params: Record<string, string>;
  aws: Record<string, string>;
};

/** Fills in the Serverless Framework's variables, in whatever part of the configuration is looked at. */
export type Variables = {
  /** @param place file and keys, for errors */
  resolve(value: Json, place: string): Json;
};

const KNOWN =
  /^(?:(sls|opt|param|self|aws|env|cf|ssm|s3|git|strToBool)(?:\([^)]*\))?:(.*)|file\(([^)]+)\)(?::(.*))?)$/s;

/**
 * `${sls:stage}`, `${opt:name, default}`, `${param:name, default}`, `${self:a.b}`, `${file(a.yml):a.b}`, `${aws:region}`. The
 * rest of the framework's sources is refused; what is no variable of its, `${Bucket.Arn}`, is left for CloudFormation.
 *
 * @param config serverless.yml as it was read
 */
export function createVariables(options: { root: string; config: Json; stage: string; given: Given }): Variables {
  const { given } = options;
  const resolving: string[] = [];

  function resolve(value: Json, place: string): Json {
    if (typeof value === 'string') return resolveText(value, place);
    if (Array.isArray(value)) return value.map((item, index) => resolve(item, `${place}.${index}`));
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, resolve(child, `${place}.${key}`)]));
  }

  function resolveText(text: string, place: string): Json {
    let result = '';
    for (let at = 0; at < text.length; ) {
      const start = text.indexOf('${', at);
      if (start < 0) return result + text.slice(at);
      const end = closing(text, start + 2, place);
      const inner = resolveText(text.slice(start + 2, end), place);
      const value = valueFor(String(inner), place);
      if (value !== undefined && start === 0 && end === text.length - 1) return value;
      if (isObject(value) || Array.isArray(value)) throw refusal(place, `"${text}" puts an object into a string.`);
      result += text.slice(at, start) + (value === undefined ? `\${${inner}}` : String(value));
      at = end + 1;
    }
    return result;
  }

  /** Undefined when it is no variable of the framework's. */
  function valueFor(expression: string, place: string): Json | undefined {
    const [first = '', ...fallbacks] = alternatives(expression);
    if (!KNOWN.test(first)) return undefined;
    for (const source of [first, ...fallbacks]) {
      const value = sourced(source, place);
      if (value !== undefined) return value;
    }
    throw refusal(place, `nothing was given for \${${expression}}.`);
  }

  function sourced(source: string, place: string): Json | undefined {
    const match = KNOWN.exec(source);
    if (!match) return literal(source, place);
    const [, kind, key = '', file, below] = match;
    if (file !== undefined) return below === undefined ? included(file) : at(included(file), below);
    switch (kind) {
      case 'sls':
        if (key === 'stage') return options.stage;
        break;
      case 'opt':
        return given.options[key];
      case 'param':
        return given.params[key];
      case 'aws':
        return given.aws[key];
      case 'self':
        return guarded(source, place, () => resolveAt(key));
    }
    throw refusal(place, `\${${source}} is not known to the local deployment.`);
  }

  function included(file: string): Json {
    return guarded(file, file, () => resolve(readDocument(options.root, file), file));
  }

  function resolveAt(key: string): Json | undefined {
    const value = at(options.config, key);
    return value === undefined ? undefined : resolve(value, `serverless.yml: ${key}`);
  }

  function guarded<T>(name: string, place: string, run: () => T): T {
    if (resolving.includes(name)) throw refusal(place, `${[...resolving, name].join(' -> ')} goes round in circles.`);
    resolving.push(name);
    try {
      return run();
    } finally {
      resolving.pop();
    }
  }

  return { resolve };
}

/** Where the brace that opened before `from` closes. */
function closing(text: string, from: number, place: string): number {
  let depth = 1;
  for (let at = from; at < text.length; at += 1) {
    if (text.startsWith('${', at)) depth += 1;
    else if (text[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  throw refusal(place, `"${text}" opens a brace that it does not close.`);
}

/** The sources of an expression, parted by commas outside quotes and parentheses. */
function alternatives(expression: string): string[] {
  return [...expression.matchAll(/(?:'[^']*'|"[^"]*"|\([^)]*\)|[^,])+/g)].map(([part]) => part.trim());
}

function literal(source: string, place: string): Json {
  const quoted = /^(?:'([^']*)'|"([^"]*)")$/.exec(source);
  if (quoted) return quoted[1] ?? quoted[2] ?? '';
  if (/^(-?\d+(\.\d+)?|true|false|null)$/.test(source)) return JSON.parse(source);
  throw refusal(place, `"${source}" is neither a variable nor a value in quotes.`);
}

function at(value: Json, path: string): Json | undefined {
  return path.split('.').reduce<Json | undefined>((found, key) => (isObject(found) ? found[key] : undefined), value);
}
