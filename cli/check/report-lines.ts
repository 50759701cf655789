import { faultLines } from '../result/fault-lines.ts';
import { duration } from '../timeline/duration.ts';
import { differenceLines } from './difference-lines.ts';
import type { CheckReport, Failure, VersionReport } from './report.ts';

/** More versions than a person reads: then those that have something to tell. */
const MOST_VERSIONS = 40;

/** The report as a person reads it: a line a version, what failed and where, and in the last line what came of it. */
export function reportLines(report: CheckReport): string[] {
  const { failures, notes, schemaFile } = report;
  return [
    ...versionLines(report.versions),
    ...failures.flatMap((failure) => ['', ...failureLines(failure)]),
    '',
    ...notes.map((note) => `Note: ${note}`),
    ...(schemaFile?.current ? [`${schemaFile.file} is current.`] : []),
    lastLine(report),
  ];
}

function versionLines(versions: readonly VersionReport[]): string[] {
  const tried = versions.slice(0, versions.findIndex(({ appliedMs }) => appliedMs === null) + 1 || versions.length);
  const all = tried.length <= MOST_VERSIONS;
  const shown = all ? tried : tried.filter((version) => !isUneventful(version)).slice(0, MOST_VERSIONS);
  const rows = [['version', 'file', 'applied', 'checks', 'undo', 'again'], ...shown.map(cells)];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padStart(widths[0] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
  const more = tried.length - shown.length;
  const rest = versions.length - tried.length;
  if (shown.length === 0) return [`${versions.length} versions, none of which failed in anything.`];
  return [
    ...lines,
    ...(more > 0 ? [`and ${more} more versions`] : []),
    ...(rest > 0 ? [`and ${count(rest, 'version')} that ${rest === 1 ? 'was' : 'were'} not tried`] : []),
  ];
}

function cells({ version, file, appliedMs, checks, undo, again }: VersionReport): string[] {
  const promises = checks.passed + checks.failed;
  return [
    `${version}`,
    file,
    appliedMs === null ? '-' : duration(appliedMs),
    promises === 0 ? '-' : `${checks.passed} of ${promises}`,
    undo.ms === null ? undo.end : `${undo.end}, ${duration(undo.ms)}`,
    again,
  ];
}

/** A missing undo file has a note of its own. */
function isUneventful({ appliedMs, checks, undo, again }: VersionReport): boolean {
  const bad: string[] = ['differs', 'failed'];
  return appliedMs !== null && checks.failed === 0 && !bad.includes(undo.end) && !bad.includes(again);
}

function failureLines({ during, version, says, fault, differences }: Failure): string[] {
  return [
    `Version ${version}, ${during}: ${says}${differences.length > 0 ? ' (- should be, + is):' : ''}`,
    ...(fault === null ? [] : faultLines(fault).map(indented)),
    ...(differences.length === 0 ? [] : differenceLines(differences).map(indented)),
  ];
}

function indented(text: string): string {
  return `  ${text.replaceAll('\n', '\n  ')}`;
}

function lastLine({ passed, failures, versions, server, ms }: CheckReport): string {
  const checks = versions.reduce((sum, version) => sum + version.checks.passed + version.checks.failed, 0);
  const undone = versions.filter(({ undo }) => undo.end === 'as before').length;
  const did = `${count(versions.length, 'version')}, ${count(checks, 'check')}, ${undone} undone and applied again`;
  const how = `on ${server} in ${duration(ms)}`;
  return passed ? `Passed: ${did}, ${how}.` : `Failed: ${count(failures.length, 'failure')} in ${did}, ${how}.`;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
