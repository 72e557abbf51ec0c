// SPDX-License-Identifier: Apache-2.0
import { Chip, Group, Select } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useSession } from '../../api/session';
import { usePeopleToChoose, usePerson } from '../../ask/people';
import { useTokens } from '../../ask/tokens';
import { CreateButton } from '../../parts/CreateButton';
import { DataList } from '../../parts/DataList';
import { EmptyState } from '../../parts/EmptyState';
import { PageHead } from '../../parts/PageHead';
import { SearchField } from '../../parts/SearchField';
import { TOKEN_CHANGED, TOKEN_CREATOR, TOKEN_EXPIRES, TOKEN_KIND, TOKEN_LABEL, TOKEN_TITLE, TOKEN_USED } from '../../parts/TokenColumns';
import { useListState } from '../../parts/useListState';
import type { ListState } from '../../parts/useListState';
import { BulkActs } from './BulkActs';
import { ComingExpiries } from './ComingExpiries';
import { MoreFilters } from './MoreFilters';

const LABELS = ['Active', 'Expires soon', 'Expired', 'Suspended'];
const KINDS = ['ES256', 'HS256', 'bearer'];
const FILTERS = ['label', 'kind', 'creator', 'isUnused', 'group', 'unusedDays', 'madeBefore'];

const COLUMNS = [TOKEN_TITLE, TOKEN_KIND, TOKEN_LABEL, TOKEN_EXPIRES, TOKEN_USED, TOKEN_CREATOR, TOKEN_CHANGED];

function Chips({ label, options, chosen, onChoose }: {
  label: string; options: string[]; chosen: string[]; onChoose: (chosen: string[]) => void;
}) {
  return (
    <Group gap={6} role="group" aria-label={label}>
      <Chip.Group multiple value={chosen} onChange={onChoose}>
        {options.map((option) => (
          <Chip key={option} value={option} size="xs" variant="light" radius="sm"
            vars={() => ({ root: { '--chip-padding': '10px' }, label: {}, iconWrapper: {} })}>{option}</Chip>
        ))}
      </Chip.Group>
    </Group>
  );
}

function CreatorFilter({ state }: { state: ListState }) {
  const { may, session } = useSession();
  const isShown = session.user.isSystemAdmin && may('Users:View');
  const chosen = state.value('creator');
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const [asked] = useDebouncedValue(typed, 150);
  const people = usePeopleToChoose(asked, isShown && isOpen);
  const person = usePerson(chosen, isShown);
  if (!isShown) return null;
  const found = people.data?.data ?? [];
  const all = person.data && !found.some((user) => user.uid === chosen) ? [person.data, ...found] : found;
  return (
    <Select aria-label="Created by" placeholder="Created by anybody" searchable clearable size="sm" w={208}
      value={chosen || null} onChange={(uid) => state.set({ creator: uid ?? '' })}
      onDropdownOpen={() => { setTyped(''); setOpen(true); }} onSearchChange={setTyped} filter={({ options }) => options}
      nothingFoundMessage={people.isPending ? 'Looking …' : 'Nobody found'}
      clearButtonProps={{ 'aria-label': 'Created by anybody' }}
      data={all.map((user) => ({ value: user.uid, label: user.name ? `${user.name} (${user.email})` : user.email }))} />
  );
}

export default function TokensPage() {
  const { may } = useSession();
  const mayCreate = may('API Credentials:Manage');
  const state = useListState({ sort: 'expiresOn', filters: FILTERS });
  const tokens = useTokens(state.query);
  return (
    <>
      <PageHead title="API tokens" crumbs={[{ name: 'Settings' }, { name: 'API management' }]}>
        {mayCreate && <CreateButton path="/tokens/new" words="New token" />}
      </PageHead>
      <ComingExpiries />
      <Group mb="md" gap="sm">
        <SearchField label="Search tokens" hint="Title, description, ID, creator" value={state.value('q')}
          width={280} onSearch={(q) => state.set({ q }, true)} />
        <Chips label="Label" options={LABELS} chosen={state.values('label')} onChoose={(label) => state.set({ label })} />
        <Chips label="Use" options={['Unused']} chosen={state.value('isUnused') === 'true' ? ['Unused'] : []}
          onChoose={(use) => state.set({ isUnused: use.length > 0 ? 'true' : '', unusedDays: '' })} />
        <Chips label="Kind" options={KINDS} chosen={state.values('kind')} onChoose={(kind) => state.set({ kind })} />
        <CreatorFilter state={state} />
        <MoreFilters state={state} />
        {mayCreate && state.isFiltered && (tokens.data?.data.length ?? 0) > 0 && <BulkActs state={state} total={tokens.data?.total ?? null} />}
      </Group>
      <DataList label="API tokens" one="token" rows={tokens} columns={COLUMNS} state={state} rowHeight={64}
        rowKey={(token) => token.id} rowPath={(token) => `/tokens/${token.id}`}
        empty={(
          <EmptyState words={mayCreate
            ? 'No tokens yet. A token lets a program call the API with exactly the rights you give it.'
            : 'No tokens yet. Making one needs API Credentials:Manage, which your user role lacks.'}>
            {mayCreate && <CreateButton path="/tokens/new" words="Create the first token" />}
          </EmptyState>
        )} />
    </>
  );
}
