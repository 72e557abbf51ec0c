// SPDX-License-Identifier: Apache-2.0
//
// What the admin API says, as types. The contract is docs/admin-api.md.

/** A moment, `2026-11-26T21:51:42.000Z`. */
export type Moment = string;
/** A date, `2026-11-26`, in UTC. */
export type DateText = string;

export interface Named {
  uid: string;
  name: string;
}

export interface ListOf<T> {
  data: T[];
  next: string | null;
  total: number | null;
}

export interface State {
  isSetUp: boolean;
  version: string;
  accountName: string;
  address: string;
  now: Moment;
}

export interface SessionUser {
  uid: string;
  email: string;
  name: string;
  role: string;
  roleId: number;
  isSystemAdmin: boolean;
  hasSecondFactor: boolean;
}

export interface Session {
  state: 'active' | 'second-factor' | 'password-change';
  csrf: string;
  idleEndsAt: Moment;
  endsAt: Moment;
  user: SessionUser;
  permissions: string[];
  groups: Named[];
  account: { name: string; liveRights: boolean; allowBearer: boolean };
}

export type Kind = 'ES256' | 'HS256' | 'bearer';
export type Label = 'Active' | 'Expires soon' | 'Expired' | 'Suspended';

/** `null`: no limit. */
export interface TokenLimits {
  /** "300/m" */
  rate: string | null;
  quotaPerDay: number | null;
  concurrent: number | null;
  maxUses: number | null;
  notBefore: DateText | null;
}

interface Person {
  uid: string;
  email: string;
  name: string;
  role: string;
}

export interface Token {
  id: string;
  title: string;
  description: string;
  kind: Kind;
  /** A trap: it can do nothing, and its use raises an alarm. */
  isCanary: boolean;
  label: Label;
  version: number;
  expiresOn: DateText;
  expiresAt: Moment;
  createdAt: Moment;
  changedAt: Moment;
  changedBy: Person | null;
  creator: Person & { isSuspended: boolean };
  isMine: boolean;
  permissions: string[];
  permissionsInForce: string[];
  groups: Named[];
  approvedAddresses: string[];
  lastUsedAt: Moment | null;
  lastUsedFrom: string | null;
  limits: TokenLimits;
  useCount: number;
  /** Days since the last use or, of one that was never used, since it was made. */
  idleDays: number;
  /** So many that it is called unused. */
  isUnused: boolean;
  publicKey: { pem: string; fingerprint: string; isProved: boolean } | null;
  use: number[];
  /** Of a token that is rolled; a title of null: the successor was deleted since. */
  replacedBy: { id: string; title: string | null; rolledAt: Moment; endsAt: Moment } | null;
  replaces: { id: string; title: string | null } | null;
  /** isHeld: somebody else than its user suspended it, and only System Administrators resume it. */
  suspension: { at: Moment; by: Person | null; isByCommand: boolean; isHeld: boolean } | null;
  mayEdit: boolean;
  mayRoll: boolean;
  maySuspend: boolean;
  mayResume: boolean;
  mayDelete: boolean;
}

export interface GridAction {
  name: string;
  /** False: an upstream brought it, and nothing asks for it any more. */
  isUsed: boolean;
  operations: string[];
}

export interface GridRow {
  feature: string;
  view: GridAction | null;
  manage: GridAction | null;
  other: (GridAction & { action: string })[];
}

export interface Operation {
  method: string;
  path: string;
  summary: string;
  permissions: string[];
  licences: string[];
  /** What parameters need beyond that. */
  when: { in: 'field' | 'query' | 'body'; name: string; equals: string | null; permissions: string[] }[];
}

export interface NewTokenPage {
  permissions: GridRow[];
  operations: Operation[];
  groups: Named[];
  expiresOn: { usual: DateText; first: DateText; last: DateText };
  address: string;
  proofChallenge: string;
}

export interface CheckedKey {
  fingerprint: string;
  pem: string;
  isProved: boolean;
}

export interface CheckedAddress {
  typed: string;
  address: string | null;
  isValid: boolean;
  detail: string | null;
  isDuplicate: boolean;
}

export interface NewToken {
  title: string;
  description: string;
  key: { kind: 'generate' } | { kind: 'bearer' } | { kind: 'public'; publicKey: string; proof: string | null };
  expiresOn: DateText | null;
  permissions: string[] | null;
  approvedAddresses: string[];
  isCanary: boolean;
  limits: TokenLimits | null;
}

export interface MadeToken {
  token: Token;
  secretKey: string | null;
  file: string | null;
}

export type BulkAct = 'suspend' | 'delete';

/** One of the tokens that an act on many is about; `ref` names it and its version. */
export interface BulkToken {
  ref: string;
  id: string;
  title: string;
  label: Label;
  creator: string;
  lastUsedAt: Moment | null;
  lastUsedFrom: string | null;
}

/** What a successor of a token can have at most. */
export interface RollPage extends NewTokenPage {
  token: Token;
  /** What the old token has and a successor cannot: its user's role has lost it. */
  lost: string[];
  overlapDays: { usual: number; most: number };
}

export interface Roll extends Omit<NewToken, 'isCanary'> {
  groups: string[];
  overlapDays: number;
}

export interface UseDay {
  date: DateText;
  permitted: number;
  refused: Record<string, number>;
}

export interface TokenUse {
  days: UseDay[];
  lastUsedAt: Moment | null;
  lastUsedFrom: string | null;
  useCount: number;
}

export interface Refusal {
  at: Moment;
  requestId: string;
  verdict: string;
  code: string;
  status: number;
  detail: string;
  method: string | null;
  uri: string | null;
  /** What the verdict looked at; other values are three asterisks. */
  query: string | null;
  body: string | null;
  issuedAt: Moment;
  tokenId: string;
  address: string;
}

export interface HistoryEvent {
  id: number;
  at: Moment;
  kind: string;
  action: string | null;
  actor: { kind: string; id: string | null; name: string };
  address: string | null;
  object: { kind: string; id: string; name: string } | null;
  requestId: string | null;
  details: Record<string, unknown>;
}

export interface Found {
  tokens: { id: string; title: string; label: Label }[];
  users: { uid: string; name: string; email: string }[];
  devices: Named[];
  groups: Named[];
  upstreams: { id: string; name: string; prefix: string }[];
}
