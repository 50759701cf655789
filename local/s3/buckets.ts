import { parseXml, textAt } from '../http/xml-parse.ts';
import { ServiceError, type StreamingReply } from '../service.ts';
import { malformedXml } from './errors.ts';
import { receiveDocument } from './receive.ts';
import { emptyReply, readXml, type S3, type S3Request, xmlReply } from './request.ts';

export async function listBuckets(s3: S3): Promise<StreamingReply> {
  const buckets = s3.store.buckets().sort((a, b) => (a.name < b.name ? -1 : 1));
  return xmlReply('ListAllMyBucketsResult', {
    Owner: { ID: s3.account },
    Buckets: { Bucket: buckets.map(({ name, created }) => ({ Name: name, CreationDate: created })) },
  });
}

export async function createBucket(s3: S3, request: S3Request): Promise<StreamingReply> {
  const { bucket: name } = request;
  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) || name.includes('..') || /^\d+\.\d+\.\d+\.\d+$/.test(name)) {
    throw new ServiceError('InvalidBucketName', 'The specified bucket is not valid.', 400, { BucketName: name });
  }
  const body = await receiveDocument(request);
  const wanted = body === '' ? null : parseXml(body);
  const region = wanted ? textAt(wanted, 'LocationConstraint') : null;
  if ((body !== '' && wanted?.name !== 'CreateBucketConfiguration') || (region !== null && region !== s3.region)) {
    throw new ServiceError(
      'IllegalLocationConstraintException',
      `The location constraint is not that of the local cloud, ${s3.region}.`,
    );
  }
  if (s3.store.buckets().some((bucket) => bucket.name === name)) {
    throw new ServiceError(
      'BucketAlreadyOwnedByYou',
      'Your previous request to create the named bucket succeeded and you already own it.',
      409,
      { BucketName: name },
    );
  }
  await s3.store.create({ name, created: s3.now().toISOString(), versioning: null, documents: {} });
  return emptyReply({ location: `/${name}` });
}

export async function headBucket(s3: S3, { bucket }: S3Request): Promise<StreamingReply> {
  s3.store.bucket(bucket);
  return emptyReply({ 'x-amz-bucket-region': s3.region });
}

export async function getBucketLocation(s3: S3, { bucket }: S3Request): Promise<StreamingReply> {
  s3.store.bucket(bucket);
  const reply = xmlReply('LocationConstraint', {});
  const text = String(reply.body).replace('></LocationConstraint>', `>${s3.region}</LocationConstraint>`);
  return { ...reply, headers: { ...reply.headers, 'content-length': `${Buffer.byteLength(text)}` }, body: text };
}

export async function getBucketVersioning(s3: S3, { bucket }: S3Request): Promise<StreamingReply> {
  return xmlReply('VersioningConfiguration', { Status: s3.store.bucket(bucket).versioning });
}

export async function putBucketVersioning(s3: S3, request: S3Request): Promise<StreamingReply> {
  const bucket = s3.store.bucket(request.bucket);
  const status = textAt(await readXml(request, 'VersioningConfiguration'), 'Status');
  if (status !== 'Enabled' && status !== 'Suspended') throw malformedXml();
  bucket.versioning = status;
  await bucket.save();
  return emptyReply();
}
