type Grammar = typeof import('libpg-query');

let loaded: Promise<Grammar> | null = null;

/** PostgreSQL's own grammar, that of version 18. Loaded when first needed: a run with nothing to do starts faster without. */
export function grammar(): Promise<Grammar> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Grammar> {
  const module = await import('libpg-query');
  await module.loadModule();
  return module;
}
