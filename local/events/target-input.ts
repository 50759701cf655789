import type { Json } from '../stepfunctions/json.ts';
import { find, type Path, parsePath } from '../stepfunctions/path.ts';
import { refusal } from './errors.ts';
import type { TargetFields } from './resources.ts';

/** What a target is started with: JSON text. */
export type MakeInput = (event: Json) => string;

/**
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html: the whole event, one part of it, a
 * constant, or a template.
 */
export function compileTargetInput(target: TargetFields, place: string): MakeInput {
  const { Input, InputPath, InputTransformer } = target;
  if ([Input, InputPath, InputTransformer].filter((one) => one !== undefined).length > 1) {
    throw refusal(`${place} has more than one of Input, InputPath and InputTransformer.`);
  }
  if (Input !== undefined) return () => Input;
  if (InputPath !== undefined) {
    const path = parsed(InputPath, `${place}.InputPath`);
    return (event) => JSON.stringify(valueAt(path, event));
  }
  if (!InputTransformer) return (event) => JSON.stringify(event);
  const paths = new Map(
    Object.entries(InputTransformer.InputPathsMap).map(([name, text]) => [
      name,
      parsed(text, `${place}.InputTransformer.InputPathsMap.${name}`),
    ]),
  );
  const template = InputTransformer.InputTemplate;
  for (const [placeholder, name = ''] of template.matchAll(PLACEHOLDER)) {
    if (!paths.has(name)) throw refusal(`${place}.InputTransformer: ${placeholder} is not in InputPathsMap.`);
  }
  return (event) =>
    template.replace(/"(?:[^"\\]|\\.)*"|<[\w.-]+>/g, (part) => {
      const quoted = part.startsWith('"');
      return part.replace(PLACEHOLDER, (_, name: string) => {
        const path = paths.get(name);
        const text = JSON.stringify(path ? valueAt(path, event) : null);
        // Within quotes goes the text of a string, else its JSON.
        return quoted && text.startsWith('"') ? text.slice(1, -1) : text;
      });
    });
}

const PLACEHOLDER = /<([\w.-]+)>/g;

function parsed(text: string, place: string): Path {
  try {
    return parsePath(text);
  } catch (error) {
    throw refusal(`${place}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function valueAt(path: Path, event: Json): Json {
  return find(path, { input: event, context: null }) ?? null;
}
