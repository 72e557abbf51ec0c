// SPDX-License-Identifier: Apache-2.0
//
// An upstream as it is typed, and as it is sent.
import type { Upstream, UpstreamSettings, UpstreamTexts, UpstreamWish } from '../../api/records';
import { figures } from '../../words/number';
import { nameFault } from '../../words/texts';

export interface Description {
  name: string;
  text: string;
}

export interface UpstreamDraftForm {
  name: string;
  prefix: string;
  /** One a line. */
  urls: string;
  /** The name of the file; its text is kept beside the form. */
  openapi: string;
  overlay: string;
  tlsCaFile: string;
  tlsCertificateFile: string;
  tlsKeyFile: string;
  tlsServerName: string;
  connectTimeoutMs: number | string;
  firstByteTimeoutMs: number | string;
  wholeTimeoutMs: number | string;
  healthPath: string;
  healthStatus: number | string;
  healthIntervalS: number | string;
}

/** What is there already, of one that is changed. */
export interface Base {
  upstream: Upstream;
  texts: UpstreamTexts;
}

/** The server takes no more; the description is a text within JSON. */
const SENT_MAX = 31 * 1024 * 1024;
export const URL_MAX_COUNT = 16;
export const MORE_FIELDS = ['tlsCaFile', 'tlsCertificateFile', 'tlsKeyFile', 'tlsServerName', 'connectTimeoutMs', 'firstByteTimeoutMs', 'wholeTimeoutMs',
  'healthPath', 'healthStatus', 'healthIntervalS'] as const;
const MORE_USUAL: Pick<UpstreamSettings, (typeof MORE_FIELDS)[number]> = {
  tlsCaFile: '', tlsCertificateFile: '', tlsKeyFile: '', tlsServerName: '', connectTimeoutMs: 5000, firstByteTimeoutMs: 60_000, wholeTimeoutMs: 0,
  healthPath: '', healthStatus: 200, healthIntervalS: 5,
};

export function urlsOf(text: string): string[] {
  return text.split(/[\s,;]+/).filter(Boolean);
}

export function draftOf(base: Base | null): UpstreamDraftForm {
  const from = base?.upstream;
  const more = from ?? MORE_USUAL;
  return {
    name: from?.name ?? '', prefix: from ? from.prefix || '/' : '', urls: from?.urls.join('\n') ?? '', openapi: '', overlay: base?.texts.overlay ?? '',
    tlsCaFile: more.tlsCaFile, tlsCertificateFile: more.tlsCertificateFile, tlsKeyFile: more.tlsKeyFile, tlsServerName: more.tlsServerName,
    connectTimeoutMs: more.connectTimeoutMs, firstByteTimeoutMs: more.firstByteTimeoutMs, wholeTimeoutMs: more.wholeTimeoutMs,
    healthPath: more.healthPath, healthStatus: more.healthStatus, healthIntervalS: more.healthIntervalS,
  };
}

function settingsOf(draft: UpstreamDraftForm): UpstreamSettings {
  const prefix = draft.prefix.trim();
  return {
    name: draft.name.trim(), prefix: prefix === '/' ? '' : prefix, urls: urlsOf(draft.urls),
    tlsCaFile: draft.tlsCaFile.trim(), tlsCertificateFile: draft.tlsCertificateFile.trim(), tlsKeyFile: draft.tlsKeyFile.trim(),
    tlsServerName: draft.tlsServerName.trim(), connectTimeoutMs: Number(draft.connectTimeoutMs),
    firstByteTimeoutMs: Number(draft.firstByteTimeoutMs), wholeTimeoutMs: Number(draft.wholeTimeoutMs),
    healthPath: draft.healthPath.trim(), healthStatus: Number(draft.healthStatus), healthIntervalS: Number(draft.healthIntervalS),
  };
}

/** All of a new one; of one that is there only what differs. */
export function wishOf(draft: UpstreamDraftForm, description: Description | null, base: Base | null): UpstreamWish {
  const settings = settingsOf(draft);
  const old: UpstreamSettings = base ? base.upstream : { ...MORE_USUAL, name: '', prefix: '', urls: [] };
  const names = Object.keys(settings) as (keyof UpstreamSettings)[];
  const differs = (name: keyof UpstreamSettings) => JSON.stringify(settings[name]) !== JSON.stringify(old[name]);
  const wish: UpstreamWish = Object.fromEntries(names.filter(differs).map((name) => [name, settings[name]]));
  if (!base && draft.prefix.trim() !== '') wish.prefix = settings.prefix; // "/" is said; nothing leaves it to the description
  if (description) wish.openapi = description.text;
  if (draft.overlay !== (base?.texts.overlay ?? '')) wish.overlay = draft.overlay;
  return wish;
}

function urlsFault(text: string): string | null {
  const urls = urlsOf(text);
  if (urls.length === 0) return 'Enter where the API is, like https://orders.internal:8443.';
  if (urls.length > URL_MAX_COUNT) return `These are ${urls.length} addresses; at most ${URL_MAX_COUNT} fit.`;
  const wrong = urls.find((url) => !/^https?:\/\/[^/@\s]+(\/\S*)?$/.test(url));
  return wrong ? `“${wrong}” is no address like https://orders.internal:8443.` : null;
}

function prefixFault(text: string): string | null {
  return text.trim() === '' || text.trim().startsWith('/') ? null : 'A prefix begins with a slash, like /orders.';
}

function numberFault(least: number, most: number, unit = '') {
  return (typed: number | string) => (typed !== '' && Number(typed) >= least && Number(typed) <= most ? null
    : `Enter ${figures(least)} to ${figures(most)}${unit}.`);
}

const timeoutFault = (least: number) => numberFault(least, 3_600_000, ' ms');

export const RULES = {
  name: (text: string) => nameFault(text, 'Enter a name by which people know the API.'),
  urls: urlsFault,
  prefix: prefixFault,
  connectTimeoutMs: timeoutFault(1),
  firstByteTimeoutMs: timeoutFault(1),
  wholeTimeoutMs: timeoutFault(0),
  healthPath: (text: string) => (text.trim() === '' || text.trim().startsWith('/') ? null : 'A path begins with a slash, like /healthz.'),
  healthStatus: numberFault(200, 599),
  healthIntervalS: numberFault(1, 3600, ' s'),
};

/** Reads a chosen file; says in words what cannot be sent. */
export async function readDescription(file: File): Promise<{ description?: Description; fault?: string }> {
  const text = await file.text();
  if (text.trim() === '') return { fault: `“${file.name}” is empty.` };
  if (JSON.stringify(text).length > SENT_MAX) {
    return { fault: `“${file.name}” is larger than what can be sent; the command “tokenhouse upstream add” takes 64 MB.` };
  }
  return { description: { name: file.name, text } };
}
