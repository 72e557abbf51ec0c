// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';

const FLAGS = ['avx512f', 'avx512ifma', 'avx512dq', 'avx512vl', 'avx512bw', 'bmi2'];
const cpu = readFileSync('/proc/cpuinfo', 'utf8').match(/^flags\s*:.*$/m)?.[0].split(/\s+/) ?? [];

/** Can this processor reckon ES256 in lanes? */
export const HAS_LANES = FLAGS.every((flag) => cpu.includes(flag));
