// SPDX-License-Identifier: Apache-2.0
//
// Moments in words. The server's moments are UTC; people read their own time.
const LOCAL = new Intl.DateTimeFormat('en-GB',
  { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit' });
const UTC = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit',
  timeZone: 'UTC',
});
const DAY = new Intl.DateTimeFormat('en-GB',
  { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
const LOCAL_MINUTE = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const LOCAL_DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long' });
const RELATIVE = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * 86_400], ['month', 30 * 86_400], ['day', 86_400], ['hour', 3_600], ['minute', 60],
];

export function localTime(moment: string): string {
  return LOCAL.format(new Date(moment));
}

export function utcTime(moment: string): string {
  return `${UTC.format(new Date(moment))} UTC`;
}

/** "in 12 days", "3 hours ago", "just now". Months only from 60 days on. */
export function relativeTime(moment: string, now: number): string {
  const seconds = (Date.parse(moment) - now) / 1000;
  const size = Math.abs(seconds);
  if (size < 60) return seconds > 0 ? 'in less than a minute' : 'just now';
  const [unit, length] = UNITS.find(([name, s]) => size >= s * (name === 'month' ? 2 : 1))!;
  return RELATIVE.format(Math.trunc(seconds / length), unit);
}

/** "14 March 2027" of a date that is UTC. */
export function dayInWords(date: string): string {
  return DAY.format(new Date(`${date}T00:00:00Z`));
}

/** "00:59 your time on 15 March": the last minute of that UTC day, where the reader is. */
export function localEndOf(date: string): string {
  const last = new Date(`${date}T23:59:59Z`);
  return `${LOCAL_MINUTE.format(last)} your time on ${LOCAL_DAY.format(last)}`;
}

/** "works through 23:59:59 UTC on 14 March 2027 (00:59 your time on 15 March)" */
export function worksThrough(date: string): string {
  return `works through 23:59:59 UTC on ${dayInWords(date)} (${localEndOf(date)})`;
}

export function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const moment = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
}

/** That many days, or months, after a date; the 31st falls back to the month's last day. */
export function dateAfter(date: string, days: number, months = 0): string {
  const [year, month, day] = date.split('-').map(Number) as [number, number, number];
  const last = new Date(Date.UTC(year, month - 1 + months + 1, 0)).getUTCDate();
  const moment = new Date(Date.UTC(year, month - 1 + months, Math.min(day, last) + days));
  return moment.toISOString().slice(0, 10);
}

export function todayUtc(): string {
  return new Date().toISOString().slice(0, 10);
}
