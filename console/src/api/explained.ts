// SPDX-License-Identifier: Apache-2.0
//
// What the admin API explains (docs/admin-api.md, "Explain").
import type { Moment, Refusal } from './types';

export interface ExplainRequest {
  tokenId: string;
  method: string;
  uri: string;
  query: string;
  /** JSON as a text. */
  body: string | null;
  address: string | null;
  at: Moment;
  issuedAt: Moment;
}

export interface Need {
  permission: string;
  because: { field?: string; query?: string; body?: string; equals: string | null } | null;
  isMissing: boolean;
  isInToken: boolean;
  isInRole: boolean;
  otherRoles: string[];
  moreRoles: number;
}

export type Outcome = 'passed' | 'failed' | 'not reached' | 'not asked';

export interface ExplainStep {
  name: string;
  question: string;
  outcome: Outcome;
  verdict: string | null;
  detail: string | null;
  whatToDo: string | null;
  /** Below /console. */
  link: string | null;
}

export interface Explanation {
  isPermitted: boolean;
  verdict: string;
  code: string;
  status: number;
  request: ExplainRequest;
  token: { id: string; title: string; user: string; role: string } | null;
  operation: {
    method: string; path: string; summary: string; isClosed: boolean; needs: Need[]; licences: string[];
  } | null;
  steps: ExplainStep[];
}

export interface Explained {
  refusal: Refusal | null;
  explanation: Explanation;
}

export interface CallsNeed {
  permissions: string[];
  /** Of these, what the asker's own role has not. */
  lacking: string[];
  /** One of each list is needed. */
  licences: string[][];
  operations: { method: string; path: string; summary: string; calls: number; permissions: string[]; licences: string[] }[];
  matchedCount: number;
  unmatchedCount: number;
  unmatched: { line: number; text: string; why: string }[];
}
