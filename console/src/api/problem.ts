// SPDX-License-Identifier: Apache-2.0

export interface FieldFault {
  field: string;
  detail: string;
}

/** An answer that is not a success: problem details (RFC 9457) as something to throw. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly faults: FieldFault[];
  readonly retryAfterS: number | null;

  constructor(status: number, code: string, detail: string, faults: FieldFault[] = [],
    retryAfterS: number | null = null) {
    super(detail);
    this.name = 'Problem';
    this.status = status;
    this.code = code;
    this.faults = faults;
    this.retryAfterS = retryAfterS;
  }
}

interface Body {
  code?: unknown;
  detail?: unknown;
  title?: unknown;
  errors?: unknown;
}

function faultsOf(errors: unknown): FieldFault[] {
  if (!Array.isArray(errors)) return [];
  return errors.filter((e): e is FieldFault =>
    typeof e?.field === 'string' && typeof e?.detail === 'string');
}

/** Reads whatever came instead of a success; a proxy's HTML page becomes a problem too. */
export async function readProblem(reply: Response): Promise<Problem> {
  const after = Number(reply.headers.get('Retry-After') ?? '');
  const retryAfterS = Number.isFinite(after) && after > 0 ? after : null;
  let body: Body = {};
  try {
    body = await reply.json() as Body;
  } catch {
    /* not JSON: the status alone speaks */
  }
  const detail = typeof body.detail === 'string' ? body.detail
    : typeof body.title === 'string' ? body.title : `The server answered ${reply.status}.`;
  const code = typeof body.code === 'string' ? body.code : 'UNREADABLE';
  return new Problem(reply.status, code, detail, faultsOf(body.errors), retryAfterS);
}

/** A sentence for a person, whatever was thrown. */
export function wordsOf(thrown: unknown): string {
  if (!(thrown instanceof Problem)) return 'Something went wrong in this page. Reload it.';
  const text = thrown.message;
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  const ended = /[.!?…]$/.test(sentence) ? sentence : `${sentence}.`;
  return thrown.retryAfterS === null ? ended : `${ended} Try again in ${thrown.retryAfterS} s.`;
}
