// SPDX-License-Identifier: Apache-2.0
//
// Device groups as a tree: folders exist by being named in the groups' paths.
import type { DeviceGroup } from '../api/records';

export interface Folder {
  /** "Europe/France"; "" is the top. */
  path: string;
  name: string;
  folders: Folder[];
  groups: DeviceGroup[];
  /** Of this folder and all below it. */
  groupCount: number;
}

const ORDER = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function empty(path: string): Folder {
  return { path, name: path.slice(path.lastIndexOf('/') + 1), folders: [], groups: [], groupCount: 0 };
}

function sortIn(folder: Folder): number {
  folder.folders.sort((a, b) => ORDER.compare(a.name, b.name));
  folder.groups.sort((a, b) => ORDER.compare(a.name, b.name));
  folder.groupCount = folder.groups.length + folder.folders.reduce((sum, one) => sum + sortIn(one), 0);
  return folder.groupCount;
}

export function folderTree(groups: DeviceGroup[]): Folder {
  const top = empty('');
  const known = new Map([['', top]]);
  const folderOf = (path: string): Folder => {
    const old = known.get(path);
    if (old) return old;
    const made = empty(path);
    known.set(path, made);
    folderOf(path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '').folders.push(made);
    return made;
  };
  groups.forEach((group) => folderOf(group.folder).groups.push(group));
  sortIn(top);
  return top;
}

/** Every folder there is, with those above it, in order. */
export function folderPaths(groups: DeviceGroup[]): string[] {
  const paths = new Set<string>();
  for (const { folder } of groups) {
    for (let path = folder; path; path = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '') paths.add(path);
  }
  return [...paths].sort(ORDER.compare);
}
