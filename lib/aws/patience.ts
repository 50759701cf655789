/**
 * How long every client of AWS waits: without it a call whose answer never comes holds its program for ever. Three tries of
 * eight seconds fit into the shortest time-out of a function, 30 seconds, so that what is reported is the call and not the
 * function. A silent request is an error only when it is asked to be:
 * https://github.com/smithy-lang/smithy-typescript/blob/main/packages/types/src/http/httpHandlerInitialization.ts
 */
export const patience = {
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: 3_000,
    requestTimeout: 8_000,
    socketTimeout: 8_000,
    throwOnRequestTimeout: true,
  },
};

/** A part of 16 MiB takes longer than a document, and a restore lets a body wait while it builds an index. */
export const patienceForTransfers = {
  ...patience,
  requestHandler: { ...patience.requestHandler, requestTimeout: 120_000, socketTimeout: 600_000 },
};
