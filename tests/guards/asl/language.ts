import validate from 'asl-validator';

/** Fields of JSONata and of variables: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html */
const OTHER_LANGUAGE = ['QueryLanguage', 'Assign', 'Arguments', 'Condition', 'Items'];

/**
 * What is not plain JSONPath, or not valid, or no placeholder that CloudFormation fills. One text is run on AWS and by the
 * local engine, which speaks nothing else.
 */
export function languageFindings(name: string, definition: unknown): string[] {
  // The validator writes into what it is given.
  const validated = validate(structuredClone(definition), { checkPaths: true, checkArn: true });
  return [
    ...[...walk(definition, '')].map((finding) => `${name}${finding}`),
    ...validated.errors.map((error) => `${name}: asl-validator: ${error.message ?? JSON.stringify(error)}`),
  ];
}

function* walk(value: unknown, path: string): Generator<string> {
  if (typeof value === 'string') {
    if (value.includes('{%')) yield `${path}: is JSONata`;
    if (value.includes('${') && !/^\$\{[A-Za-z]+\}$/.test(value))
      yield `${path}: ${value} is no placeholder of the form \${Name}`;
    if (/^\$[A-Za-z]/.test(value)) yield `${path}: ${value} is a variable`;
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (OTHER_LANGUAGE.includes(key)) yield `${path}/${key}: is not JSONPath`;
    yield* walk(inner, `${path}/${key}`);
  }
}

/** The names that a definition leaves to be filled. */
export function placeholders(definition: unknown): Set<string> {
  return new Set([...JSON.stringify(definition).matchAll(/\$\{([A-Za-z]+)\}/g)].map((match) => match[1] ?? ''));
}

/** Placeholders that nothing fills, and fillings that nothing asks for. */
export function substitutionFindings(name: string, definition: unknown, filled: ReadonlySet<string>): string[] {
  const asked = placeholders(definition);
  return [
    ...[...asked].filter((one) => !filled.has(one)).map((one) => `${name}: \${${one}} is not filled by the stack`),
    ...[...filled]
      .filter((one) => !asked.has(one))
      .map((one) => `${name}: the stack fills ${one}, which nothing asks for`),
  ];
}
