import type * as z from 'zod/mini';

/**
 * What is wrong with an input, a field a phrase. zod/mini carries no texts of its own: without this every issue reads
 * "Invalid input".
 */
export function issuesOf(error: z.core.$ZodError): string {
  return error.issues
    .map((issue) => {
      const field = issue.path.map(String).join('.') || 'the input';
      switch (issue.code) {
        case 'unrecognized_keys':
          return `${issue.keys.join(', ')}: not known here`;
        case 'invalid_type':
          return `${field}: must be ${issue.expected}`;
        case 'invalid_value':
          return `${field}: must be one of ${issue.values.map(String).join(', ')}`;
        case 'invalid_format':
          return `${field}: must match ${issue.pattern ?? issue.format}`;
        default:
          return `${field}: ${issue.code.replaceAll('_', ' ')}`;
      }
    })
    .join('; ');
}
