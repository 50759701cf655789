/** A part on its way, with the SHA-256 of its bytes, by which the store checks what arrived. */
export type UploadPart = { number: number; body: Buffer; sha256: Buffer };

/** A part that the store has. */
export type StoredPart = { number: number; etag: string; sha256: Buffer };

/** An object that the store made of parts. */
export type CompletedObject = { etag: string; versionId: string | null; encryptionKey: string | null };

/** An object being read. `parts` is 1 for what came in one piece. */
export type ReadObject = { size: number; parts: number; body: AsyncIterable<Buffer> };

/** What a backup needs of S3: multipart uploads that check what arrives, and reading. */
export type ObjectStore = {
  /** Begins an object, which nobody sees until it is completed; the upload's id. */
  begin(key: string): Promise<string>;
  put(key: string, upload: string, part: UploadPart): Promise<string>;
  /** Makes the object of these parts and no others, or throws. An object that is there already is never replaced. */
  complete(key: string, upload: string, parts: readonly StoredPart[], size: number): Promise<CompletedObject>;
  abort(key: string, upload: string): Promise<void>;
  /** null when it is not there. */
  read(key: string, stop: AbortSignal): Promise<ReadObject | null>;
};
