// SPDX-License-Identifier: Apache-2.0
//
// What the admin API says about people, device groups, devices and the account.
import type { DateText, Moment, Named, Token } from './types';

export interface User {
  uid: string;
  email: string;
  name: string;
  role: { id: number; name: string };
  isSuspended: boolean;
  mustChangePassword: boolean;
  hasSecondFactor: boolean;
  groups: Named[];
  tokenCount: number;
  createdAt: Moment;
  changedAt: Moment;
  lastLoginAt: Moment | null;
  version: number;
}

export interface NewUser {
  email: string;
  name: string;
  roleId: number;
  password: string;
  groups: string[];
}

export type UserEdit = Partial<Pick<NewUser, 'name' | 'roleId' | 'groups'>>;

export interface Role {
  id: number;
  name: string;
  isDefault: boolean;
  isSystemAdmin: boolean;
  permissions: string[];
  userCount: number;
  createdAt: Moment;
  changedAt: Moment;
  version: number;
}

export interface NewRole {
  name: string;
  permissions: string[];
}

export interface DeviceGroup {
  uid: string;
  name: string;
  description: string;
  /** A path of names, "Europe/France"; "" at the top. */
  folder: string;
  deviceCount: number;
  userCount: number;
  tokenCount: number;
  createdAt: Moment;
  changedAt: Moment;
  version: number;
}

export interface NewGroup {
  name: string;
  description: string;
  folder: string;
}

export interface MemberChange {
  addDevices?: string[];
  removeDevices?: string[];
  addUsers?: string[];
  removeUsers?: string[];
}

/** A device's document: what it holds depends on the device. */
export type Device = { deviceUid: string; deviceName?: string | null; esn?: string | null } & Record<string, unknown>;

export interface DevicePage {
  device: Device;
  groups: Named[];
  applicationCount: number;
}

export interface Application {
  appId?: string;
  appName?: string;
  appPublisher?: string;
  appVersion?: string;
  appOriginalVersion?: string;
  installedDateTimeUtc?: string;
  [name: string]: unknown;
}

export interface BadRow {
  line: number;
  detail: string;
}

export interface Import {
  state: 'uploading' | 'running' | 'done' | 'failed';
  received: number;
  size: number;
  rows: number;
  added: number;
  changed: number;
  bad: BadRow[];
  badCount: number;
  detail: string | null;
}

export interface Setting {
  name: string;
  section: string;
  value: string | number | boolean | null;
  usual: string | number | boolean | null;
  bounds: string | null;
  meaning: string;
  isUsual: boolean;
}

export interface Account {
  uid: string;
  name: string;
  liveRights: boolean;
  allowBearer: boolean;
  createdAt: Moment;
  tokenCount: number;
  userCount: number;
  deviceCount: number;
  settings: Setting[];
  version: number;
}

export interface Licence {
  uid: string;
  name: string;
  orderNo: string;
  startsOn: DateText;
  /** null: it has no end. */
  endsOn: DateText | null;
  seatCount: number;
  version: number;
}

export type LicenceWish = Omit<Licence, 'uid' | 'version'>;

export interface Profile {
  uid: string;
  email: string;
  name: string;
  role: string;
  hasSecondFactor: boolean;
  recoveryCodesLeft: number;
  passwordChangedAt: Moment | null;
  version?: number;
}

export interface OwnSession {
  id: string | number;
  isCurrent: boolean;
  address: string;
  userAgent: string;
  createdAt: Moment;
  lastUsedAt: Moment;
}

export interface Mail {
  /** `file`: no mail server is set, letters become files in the data folder. */
  by: 'smtp' | 'file';
  server: string | null;
  from: string | null;
  consoleUrl: string | null;
  waiting: number;
  failed: number;
  oldestWaitingAt: Moment | null;
}

export interface Letter {
  id: string | number;
  notice: string;
  to: string;
  name: string | null;
  state: 'waiting' | 'being sent' | 'sent' | 'failed';
  tokens: unknown;
  tries: number;
  lastFailure: string | null;
  madeAt: Moment;
  nextTryAt: Moment | null;
  doneAt: Moment | null;
}

/** Where Event History goes; of kind `export`: the cursor of a command. */
export interface Output {
  uid: string;
  name: string;
  kind: 'tcp' | 'tls' | 'webhook' | 'export';
  format: 'rfc5424' | 'cef' | 'json';
  url: string | null;
  isPaused: boolean;
  hasCa: boolean;
  hasCertificate: boolean;
  state: 'works' | 'failing' | 'paused' | 'cursor';
  cursor: number;
  /** Events that it has not taken. */
  lag: number;
  takenAt: Moment | null;
  failingSince: Moment | null;
  lastFailure: string | null;
  /** `doneAt` null: it is on its way. */
  test: { askedAt: Moment; doneAt: Moment | null; failure: string | null } | null;
  version: number;
}

/** One token of a user who leaves, with its requests of the last 30 days. */
export interface LeavingToken {
  permitted: number;
  refused: number;
  /** Of what the token may: what it used in these days. */
  used: { permissions: string[]; approvedAddresses: string[] };
  token: Token;
}

export interface Leaving {
  tokenCount: number;
  /** Neither expired nor suspended. */
  livingCount: number;
  permitted: number;
  refused: number;
  lastUsedAt: Moment | null;
  /** The busiest 100; null: not for the reader to see. */
  tokens: LeavingToken[] | null;
}

/** `untried`: nobody has asked it yet; `partly`: nobody is sent to some of its addresses; `unresolved`: no name has an address yet. */
export type UpstreamState = 'works' | 'untried' | 'partly' | 'down' | 'unresolved' | 'suspended' | 'unknown';

/** What of an upstream can be given. */
export interface UpstreamSettings {
  name: string;
  prefix: string;
  urls: string[];
  tlsCaFile: string;
  tlsCertificateFile: string;
  tlsKeyFile: string;
  tlsServerName: string;
  connectTimeoutMs: number;
  firstByteTimeoutMs: number;
  wholeTimeoutMs: number;
  /** '': nobody asks whether it is well. */
  healthPath: string;
  healthStatus: number;
  healthIntervalS: number;
}

export interface Upstream extends UpstreamSettings {
  id: string;
  isSuspended: boolean;
  createdAt: Moment;
  changedAt: Moment;
  version: number;
}

export interface UpstreamRow extends Upstream {
  state: UpstreamState;
  /** Those in force. */
  operationCount: number;
  refusedCount: number;
}

export interface UpstreamOperation {
  method: string;
  path: string;
  summary: string;
  access: 'permissions' | 'open' | 'refused';
  /** In words. */
  needs: string;
}

export interface UpstreamNote {
  pointer: string;
  words: string;
}

export interface UpstreamWhole {
  upstream: Upstream;
  /** Of the description. */
  title: string;
  version: string;
  operations: UpstreamOperation[];
  notes: UpstreamNote[];
}

export interface UpstreamTexts {
  openapi: string;
  overlay: string;
}

export interface TokenDifference {
  id: string;
  title: string;
  user: string;
  lostCount: number;
  gainedCount: number;
  lost: string[];
  gained: string[];
}

export interface UpstreamDifference {
  operations: { change: 'added' | 'removed' | 'changed'; method: string; path: string; before: string; after: string }[];
  tokens: TokenDifference[];
  losingCount: number;
  gainingCount: number;
}

export interface UpstreamCheck extends UpstreamWhole {
  refusedCount: number;
  clashes: string[];
  newPermissions: string[];
  difference: UpstreamDifference;
}

export type UpstreamWish = Partial<UpstreamSettings & UpstreamTexts>;

export interface UpstreamDraft {
  overlay: string;
  draftedCount: number;
  markedCount: number;
  readyCount: number;
  permissionCount: number;
  /** Why features are coarser than tags; '' when they are not. */
  coarser: string;
}

/** Tokens that would miss it: those that used a permission that it asks for. */
export interface UpstreamUse {
  days: number;
  since: DateText;
  /** It is known of all these days. */
  isWhole: boolean;
  tokenCount: number;
  /** The ten that used it last. */
  tokens: { id: string; title: string; user: string; lastUsedOn: DateText }[];
  /** Operations that need no permission. */
  openCount: number;
}

export interface UpstreamHealth {
  state: UpstreamState;
  addresses: { url: string; address: string; port: number; isDown: boolean; running: number; failuresInARow: number }[];
  requests: number;
  failures: number;
  retries: number;
  refused: number;
  running: number;
  connections: number;
}
