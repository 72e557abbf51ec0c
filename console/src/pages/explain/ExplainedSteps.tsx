// SPDX-License-Identifier: Apache-2.0
//
// The steps of the gate with what each found, and what to do about those that say no.
// Told apart by form and words, not by colour alone.
import { Anchor, Box, Group, List, Stack, Text, Title } from '@mantine/core';
import { Check, CircleCheck, CircleX, Minus, X } from 'lucide-react';
import { Link } from 'wouter';
import type { Explanation, ExplainStep, Need, Outcome } from '../../api/explained';
import { useSession } from '../../api/session';
import { Coin } from '../../parts/Coin';
import { sentence } from '../../parts/FormFields';
import { reasonInWords } from '../../words/verdicts';
import classes from './explain.module.css';

const MARKS: Record<Outcome, { name: string; className: string | undefined; words: string }> = {
  passed: { name: 'check', className: classes.passed, words: 'Passed' },
  failed: { name: 'x', className: classes.failed, words: 'Failed' },
  'not reached': { name: 'minus', className: classes.quiet, words: 'Not reached' },
  'not asked': { name: 'minus', className: classes.quiet, words: 'Not asked here' },
};

function Mark({ outcome }: { outcome: Outcome }) {
  const { className } = MARKS[outcome];
  return (
    <span className={`${classes.mark} ${className}`} aria-hidden>
      {outcome === 'passed' ? <Check size={14} strokeWidth={2.5} /> : outcome === 'failed' ? <X size={14} strokeWidth={2.5} /> : <Minus size={14} />}
    </span>
  );
}

function becauseWords({ because }: Need): string {
  if (!because) return '';
  const name = because.field ?? because.query ?? because.body ?? '';
  const what = because.field ? 'the field' : because.query ? 'the parameter' : 'in the body';
  return `for ${what} ${name}${because.equals ? ` = ${because.equals}` : ''}`;
}

function whoHasIt(need: Need): string {
  const own = need.isInRole ? 'the user’s role has it' : 'the user’s role lacks it';
  if (need.otherRoles.length === 0) return own;
  return `${own}; so ${need.isInRole ? 'do' : 'have'} ${need.otherRoles.join(', ')}${need.moreRoles ? ` and ${need.moreRoles} more` : ''}`;
}

function Needs({ needs, isKnown }: { needs: Need[]; isKnown: boolean }) {
  if (needs.length === 0) return null;
  return (
    <ul className={classes.needs} aria-label="Permissions that it needs">
      {needs.map((need) => (
        <li key={`${need.permission} ${becauseWords(need)}`}>
          <Group gap={8} wrap="nowrap" align="flex-start">
            {isKnown && <Box mt={1}><Mark outcome={need.isMissing ? 'failed' : 'passed'} /></Box>}
            <Box>
              <Text size="sm"><Text span inherit fw={500}>{need.permission}</Text> {becauseWords(need)}</Text>
              {need.isMissing && <Text size="xs" c="dimmed">Missing: {whoHasIt(need)}.</Text>}
            </Box>
          </Group>
        </li>
      ))}
    </ul>
  );
}

/** What is behind a link, in words. */
function linkWords(link: string): string {
  if (link.startsWith('/tokens/new')) return link.includes('permission=') ? 'New token with what it needs' : 'New token';
  if (link.startsWith('/tokens/')) return 'Open the token';
  if (link.startsWith('/roles/')) return 'Open the user role';
  if (link.startsWith('/users')) return 'Users';
  return link.startsWith('/account') ? 'Licences' : 'API tokens';
}

function Step({ step, explanation }: { step: ExplainStep; explanation: Explanation }) {
  const isFailed = step.outcome === 'failed';
  const isQuiet = step.outcome === 'not asked' || step.outcome === 'not reached';
  return (
    <li className={classes.step}>
      <Mark outcome={step.outcome} />
      <Box>
        <Group gap="xs" justify="space-between" wrap="nowrap" align="flex-start">
          <Text size="sm" fw={isFailed ? 600 : 400} c={isQuiet ? 'dimmed' : undefined}>{step.question}</Text>
          <Text size="xs" c={isFailed ? 'var(--th-refused)' : 'dimmed'} fw={isFailed ? 500 : 400} style={{ flexShrink: 0 }}>{MARKS[step.outcome].words}</Text>
        </Group>
        {step.detail && <Text size="sm" mt={2} c="var(--th-refused)" className="wrap-anywhere">{sentence(step.detail)}</Text>}
        {step.name === 'permission' && isFailed && explanation.operation && <Needs needs={explanation.operation.needs} isKnown />}
        {step.whatToDo && (
          <Text size="sm" mt={4} className="wrap-anywhere">
            {step.whatToDo} {step.link && <Anchor component={Link} href={step.link} inherit underline="always">{linkWords(step.link)}</Anchor>}
          </Text>
        )}
      </Box>
    </li>
  );
}

function Verdict({ explanation }: { explanation: Explanation }) {
  const { isPermitted, token, operation } = explanation;
  const failures = explanation.steps.filter((step) => step.outcome === 'failed').length;
  return (
    <Group className={classes.verdict} gap="md" wrap="nowrap" align="flex-start" role="status">
      {isPermitted ? <CircleCheck size={28} color="var(--th-active)" style={{ flexShrink: 0 }} aria-hidden /> : <CircleX size={28} color="var(--th-refused)" style={{ flexShrink: 0 }} aria-hidden />}
      <Box style={{ minWidth: 0 }}>
        <Title order={2} fz={16} lh="28px">
          {isPermitted ? 'It would be let in' : `It would be refused: ${reasonInWords(explanation.verdict).toLowerCase()} (${explanation.status})`}
        </Title>
        {failures > 1 && <Text size="sm">And {failures - 1 === 1 ? 'one thing more is' : `${failures - 1} things more are`} missing behind that.</Text>}
        {operation && (
          <Text size="sm" c="dimmed" className="wrap-anywhere">
            <span className="mono">{operation.method} {operation.path}</span>{operation.summary && `: ${operation.summary}`}
          </Text>
        )}
        {token && (
          <Group gap={6} mt={4} wrap="nowrap">
            <Coin id={token.id} size={20} />
            <Anchor component={Link} href={`/tokens/${token.id}`} size="sm" truncate>{token.title}</Anchor>
            <Text size="xs" c="dimmed" truncate>of {token.user}, {token.role}</Text>
          </Group>
        )}
      </Box>
    </Group>
  );
}

/** The permissions of a request that is let in, or that belongs to no token, for who wonders. */
function Also({ explanation }: { explanation: Explanation }) {
  const { operation } = explanation;
  const step = explanation.steps.find((one) => one.name === 'permission');
  if (!operation || step?.outcome === 'failed') return null;
  return (
    <Box px="md" pb="md">
      <Text size="sm" c="dimmed">
        {operation.needs.length === 0 ? 'The operation needs no permission.' : 'What it needs:'}
        {operation.licences.length > 0 && ` A licence: ${operation.licences.join(' or ')}.`}
      </Text>
      <Needs needs={operation.needs} isKnown={step?.outcome === 'passed'} />
    </Box>
  );
}

export function ExplainedSteps({ explanation }: { explanation: Explanation }) {
  const { session } = useSession();
  return (
    <Box className="panel" component="section" aria-label="Explanation">
      <Verdict explanation={explanation} />
      <Also explanation={explanation} />
      <ol className={classes.steps} aria-label="Steps" style={{ borderTop: '1px solid var(--th-line)' }}>
        {explanation.steps.map((step) => <Step key={step.name} step={step} explanation={explanation} />)}
      </ol>
      <Stack gap={0} px="md" py="sm" style={{ borderTop: '1px solid var(--th-line)' }}>
        <List size="xs" c="dimmed" spacing={2} styles={{ item: { lineHeight: '18px' } }}>
          <List.Item>Signature, and whether it was used before, are not asked: nothing was signed. Nothing is used up here.</List.Item>
          {!session.user.isSystemAdmin && <List.Item>You can ask about your own tokens.</List.Item>}
        </List>
      </Stack>
    </Box>
  );
}
