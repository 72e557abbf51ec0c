// SPDX-License-Identifier: Apache-2.0
import type { GridRow, Operation } from '../api/types';

/** Every permission that a grid offers. */
export function namesOf(rows: GridRow[]): string[] {
  return rows.flatMap((row) => [
    ...(row.view ? [row.view.name] : []), ...(row.manage ? [row.manage.name] : []),
    ...row.other.map((action) => action.name),
  ]);
}

/** The rows without what nothing asks for any more, but for what somebody has already. */
export function offeredOf(rows: GridRow[], held: Iterable<string>): GridRow[] {
  const own = new Set(held);
  const isOffered = (action: { name: string; isUsed: boolean }) => action.isUsed || own.has(action.name);
  return rows.map((row) => ({
    ...row, view: row.view && isOffered(row.view) ? row.view : null, manage: row.manage && isOffered(row.manage) ? row.manage : null,
    other: row.other.filter(isOffered),
  })).filter((row) => row.view || row.manage || row.other.length > 0);
}

/** The actions of a feature that nothing asks for any more. */
export function unusedOf(row: GridRow): string[] {
  const all = [row.view && { ...row.view, action: 'View' }, row.manage && { ...row.manage, action: 'Manage' }, ...row.other];
  return all.filter((action) => action !== null).filter((action) => !action.isUsed).map((action) => action.action);
}

/** Ticks or clears one: Manage brings View along, and goes when View goes. */
export function withChange(value: ReadonlySet<string>, row: GridRow, name: string, isOn: boolean): Set<string> {
  const next = new Set(value);
  if (isOn) {
    next.add(name);
    if (name === row.manage?.name && row.view) next.add(row.view.name);
  } else {
    next.delete(name);
    if (name === row.view?.name && row.manage) next.delete(row.manage.name);
  }
  return next;
}

/** The operations that need this permission, in the grid's order and each once. */
export function opensOf(row: GridRow): string[] {
  const all = [row.view, row.manage, ...row.other].flatMap((action) => action?.operations ?? []);
  return [...new Set(all)];
}

/** What can be called with these permissions: everything whose every need is held. */
export function callable(operations: Operation[], value: ReadonlySet<string>): Operation[] {
  return operations.filter((operation) => operation.permissions.every((name) => value.has(name)));
}

/** "Device reports: View, Export", feature by feature, in the grid's order. */
export function grouped(names: Iterable<string>): [string, string[]][] {
  const features = new Map<string, string[]>();
  for (const name of names) {
    const cut = name.lastIndexOf(':');
    const feature = name.slice(0, cut);
    features.set(feature, [...(features.get(feature) ?? []), name.slice(cut + 1)]);
  }
  return [...features];
}
