// SPDX-License-Identifier: Apache-2.0
//
// Folders that open and close, groups that lead to their page. ↑ ↓ walk through all that is
// shown, → opens a folder, ← closes it.
import { useState } from 'react';
import type { KeyboardEvent } from 'react';
import { Anchor, Box, Group, Text, UnstyledButton } from '@mantine/core';
import { ChevronDown, ChevronRight, Folder as FolderIcon, FolderOpen, Layers } from 'lucide-react';
import { Link } from 'wouter';
import type { DeviceGroup } from '../../api/records';
import { counted } from '../../words/number';
import type { Folder } from '../../words/folders';
import classes from './GroupTree.module.css';

function walk(event: KeyboardEvent<HTMLElement>) {
  const here = document.activeElement as HTMLElement;
  const stops = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-tree-stop]')];
  const at = stops.indexOf(here);
  if (at < 0) return;
  const isOpen = here.getAttribute('aria-expanded');
  if ((event.key === 'ArrowRight' && isOpen === 'false') || (event.key === 'ArrowLeft' && isOpen === 'true')) {
    here.click();
  } else if (event.key === 'ArrowLeft') {
    here.closest('ul')?.parentElement?.querySelector<HTMLElement>(':scope > [data-tree-stop]')?.focus();
  } else {
    const to = event.key === 'ArrowDown' ? at + 1 : event.key === 'ArrowUp' ? at - 1
      : event.key === 'Home' ? 0 : event.key === 'End' ? stops.length - 1 : -1;
    if (to < 0 || to >= stops.length) return;
    stops[to]!.focus();
  }
  event.preventDefault();
}

function GroupRow({ group, depth }: { group: DeviceGroup; depth: number }) {
  return (
    <li className={classes.item}>
      <Anchor component={Link} href={`/groups/${group.uid}`} data-tree-stop underline="never" c="inherit" className={classes.row}
        style={{ paddingLeft: 12 + depth * 24 + 18 }}>
        <Layers size={16} aria-hidden className={classes.icon} />
        <span className={classes.words}>
          <span className={classes.name}>{group.name}</span>
          {group.description && <span className={classes.description}>{group.description}</span>}
        </span>
        <span className={classes.counts}>
          {counted(group.deviceCount, 'device')}<span className={classes.more}> · {counted(group.userCount, 'user')} · {counted(group.tokenCount, 'token')}</span>
        </span>
      </Anchor>
    </li>
  );
}

function FolderRow({ folder, depth, closed, onToggle }: {
  folder: Folder; depth: number; closed: ReadonlySet<string>; onToggle: (path: string) => void;
}) {
  const isOpen = !closed.has(folder.path);
  const Icon = isOpen ? FolderOpen : FolderIcon;
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <li className={classes.item}>
      <UnstyledButton data-tree-stop aria-expanded={isOpen} onClick={() => onToggle(folder.path)} className={classes.row}
        style={{ paddingLeft: 12 + depth * 24 }}>
        <Group gap={4} wrap="nowrap" className={classes.icon}>
          <Chevron size={14} aria-hidden /><Icon size={16} aria-hidden />
        </Group>
        <span className={classes.words}><span className={classes.folder}>{folder.name}</span></span>
        <span className={classes.counts}>{counted(folder.groupCount, 'group')}</span>
      </UnstyledButton>
      {isOpen && <Level folder={folder} depth={depth + 1} closed={closed} onToggle={onToggle} />}
    </li>
  );
}

function Level({ folder, depth, closed, onToggle }: {
  folder: Folder; depth: number; closed: ReadonlySet<string>; onToggle: (path: string) => void;
}) {
  return (
    <ul className={classes.level} aria-label={folder.path ? `Folder ${folder.path}` : undefined}>
      {folder.folders.map((one) => <FolderRow key={one.path} folder={one} depth={depth} closed={closed} onToggle={onToggle} />)}
      {folder.groups.map((group) => <GroupRow key={group.uid} group={group} depth={depth} />)}
    </ul>
  );
}

export function GroupTree({ top, isAllOpen }: { top: Folder; isAllOpen: boolean }) {
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const toggle = (path: string) => setClosed((before) => {
    const next = new Set(before);
    if (!next.delete(path)) next.add(path);
    return next;
  });
  return (
    <Box className="panel" style={{ overflow: 'hidden' }} onKeyDown={walk}>
      <Text className={classes.caption} id="group-tree">Device groups in their folders</Text>
      <Level folder={top} depth={0} closed={isAllOpen ? new Set() : closed} onToggle={toggle} />
    </Box>
  );
}
