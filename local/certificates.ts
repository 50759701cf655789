import { createPrivateKey, randomBytes, type webcrypto, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The files of a TLS server on this machine, and of the authority that its clients trust. All PEM. */
export type Tls = { caFile: string; keyFile: string; certFile: string };

const DAY = 86_400_000;
const CA_DAYS = 3_650;
/** Browsers and Apple's libraries refuse server certificates that live longer than 825 days. */
const SERVER_DAYS = 800;
const RENEW_DAYS = 30;
const NAMES = ['127.0.0.1', '::1', 'localhost'];
const KEYS = { name: 'ECDSA', namedCurve: 'P-256' };
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' };

/**
 * The local cloud's own certificate authority and one certificate of it for 127.0.0.1, ::1 and localhost, made in `folder`
 * when they are missing, near their end, or do not fit each other; else left alone, so that whoever trusts the authority
 * goes on trusting it. The private keys are readable by their owner only.
 */
export async function ensureTls(folder: string, now: () => Date = () => new Date()): Promise<Tls> {
  await mkdir(folder, { recursive: true });
  const at = (name: string) => join(folder, name);
  const authority = { cert: at('ca.crt'), key: at('ca.key') };
  const server = { cert: at('server.crt'), key: at('server.key') };
  if (!(await isSound(authority, now()))) await makeAuthority(authority, now());
  const issuer = new X509Certificate(await readFile(authority.cert));
  if (!(await isSound(server, now(), issuer))) await makeServer(server, authority, now());
  return { caFile: authority.cert, keyFile: server.key, certFile: server.cert };
}

type Pair = { cert: string; key: string };

async function isSound({ cert, key }: Pair, now: Date, issuer?: X509Certificate): Promise<boolean> {
  if (!existsSync(cert) || !existsSync(key)) return false;
  const certificate = new X509Certificate(await readFile(cert));
  return (
    certificate.checkPrivateKey(createPrivateKey(await readFile(key))) &&
    certificate.validToDate.getTime() > now.getTime() + RENEW_DAYS * DAY &&
    certificate.validFromDate <= now &&
    (issuer === undefined || certificate.verify(issuer.publicKey))
  );
}

async function makeAuthority(files: Pair, now: Date): Promise<void> {
  const x509 = await library();
  const keys = await newKeys();
  // A name of its own, so that a client that still holds an earlier authority says "unknown issuer", not "bad signature".
  const name = `CN=carthub-db local cloud ${randomBytes(4).toString('hex')}`;
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name,
    ...validity(now, CA_DAYS),
    signingAlgorithm: SIGNATURE,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await write(files, keys, certificate.toString('pem'));
}

async function makeServer(files: Pair, authority: Pair, now: Date): Promise<void> {
  const x509 = await library();
  const issuer = new x509.X509Certificate(await readFile(authority.cert, 'utf8'));
  const pkcs8 = createPrivateKey(await readFile(authority.key)).export({ format: 'der', type: 'pkcs8' });
  const signingKey = await crypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), KEYS, false, ['sign']);
  const keys = await newKeys();
  const names = NAMES.map((value) => ({ type: value === 'localhost' ? ('dns' as const) : ('ip' as const), value }));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: 'CN=localhost',
    issuer: issuer.subject,
    ...validity(now, SERVER_DAYS),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: SIGNATURE,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  await write(files, keys, certificate.toString('pem'));
}

/** Loaded only when a certificate is due: it takes longer than everything else that the local cloud does at its start. */
async function library() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return crypto.subtle.generateKey(KEYS, true, ['sign', 'verify']);
}

function serial(): string {
  return `01${randomBytes(15).toString('hex')}`;
}

/** From an hour ago, because clocks differ. */
function validity(now: Date, days: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now.getTime() - 3_600_000), notAfter: new Date(now.getTime() + days * DAY) };
}

/** Each file is put in place whole; a crash between the two leaves a pair that does not fit, which is made anew. */
async function write(files: Pair, keys: webcrypto.CryptoKeyPair, certificate: string): Promise<void> {
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  const pem = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }).export({ format: 'pem', type: 'pkcs8' });
  await writeFile(`${files.key}.new`, pem, { mode: 0o600 });
  await writeFile(`${files.cert}.new`, `${certificate.trim()}\n`);
  await rename(`${files.key}.new`, files.key);
  await rename(`${files.cert}.new`, files.cert);
}
