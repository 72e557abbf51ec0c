// SPDX-License-Identifier: Apache-2.0
//
// One accent (a deep teal), greys with a little warmth, and colours of state for state only.
import { createTheme } from '@mantine/core';
import type { CSSVariablesResolver, MantineColorsTuple } from '@mantine/core';

const teal: MantineColorsTuple = [
  '#edf8f6', '#d3ede9', '#a9dcd4', '#78c8bc', '#4fb4a6',
  '#2e9a8d', '#1c7c72', '#14665f', '#0f524d', '#0a3d3a',
];

const warm: MantineColorsTuple = [
  '#faf9f7', '#f4f2ef', '#e9e6e1', '#dcd8d1', '#c6c1b8',
  '#9a948a', '#68635b', '#514d46', '#383530', '#24221f',
];

// 0: text … 3: borders … 7: the page
const night: MantineColorsTuple = [
  '#e8e5e0', '#cbc7c0', '#aaa59c', '#6f6b64', '#46433e',
  '#393632', '#2a2825', '#1d1b19', '#171614', '#11100f',
];

export const theme = createTheme({
  primaryColor: 'teal',
  primaryShade: { light: 7, dark: 6 },
  colors: { teal, gray: warm, dark: night },
  black: '#24221f',
  fontFamily: '"Inter Variable", Inter, system-ui, sans-serif',
  fontFamilyMonospace: '"JetBrains Mono", ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '20px' },
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '28px', lineHeight: '36px' },
      h2: { fontSize: '20px', lineHeight: '28px' },
      h3: { fontSize: '16px', lineHeight: '24px' },
    },
  },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Modal: {
      defaultProps: {
        centered: true, overlayProps: { backgroundOpacity: 0.45 },
        closeButtonProps: { 'aria-label': 'Close' },
        transitionProps: { duration: 120, transition: 'fade' },
      },
      styles: { title: { fontSize: 16, lineHeight: '24px', fontWeight: 600 } },
    },
    Notification: { defaultProps: { closeButtonProps: { 'aria-label': 'Close' } } },
    Tooltip: { defaultProps: { events: { hover: true, focus: true, touch: true }, withArrow: true } },
    // a dialog's title bar is no landmark of the page
    ModalHeader: { defaultProps: { role: 'presentation' } },
    DrawerHeader: { defaultProps: { role: 'presentation' } },
    InputWrapper: {
      styles: {
        label: { marginBottom: 4 }, error: { fontSize: 13, lineHeight: '18px' },
        description: { fontSize: 13, lineHeight: '18px', marginTop: -2, marginBottom: 2 },
      },
    },
    TextInput: { defaultProps: { inputWrapperOrder: ['label', 'description', 'input', 'error'] } },
    Textarea: { defaultProps: { inputWrapperOrder: ['label', 'description', 'input', 'error'] } },
    PasswordInput: {
      defaultProps: { inputWrapperOrder: ['label', 'description', 'input', 'error'] },
    },
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': '#68635b',
    '--mantine-color-placeholder': '#716c64',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-anchor': '#14665f',
    '--mantine-color-default-border': '#c6c1b8',
    '--th-page': '#faf9f7',
    '--th-line': '#e9e6e1',
    '--th-quiet': '#f4f2ef',
    '--th-active': '#1a6b3c',
    '--th-active-back': '#e3f4e9',
    '--th-soon': '#7d4a00',
    '--th-soon-back': '#fdf0d5',
    '--th-dead': '#55514a',
    '--th-dead-back': '#eceae6',
    '--th-refused': '#a3241d',
    '--th-refused-back': '#fdeaea',
    '--th-bar': '#2e9a8d',
    '--th-bar-empty': '#e9e6e1',
  },
  dark: {
    '--mantine-color-body': '#1d1b19',
    '--mantine-color-dimmed': '#aaa59c',
    '--mantine-color-placeholder': '#98938a',
    '--mantine-color-error': '#ff9a90',
    '--mantine-color-anchor': '#78c8bc',
    '--mantine-color-default-border': '#56524c',
    '--th-page': '#171614',
    '--th-line': '#33302c',
    '--th-quiet': '#262421',
    '--th-active': '#84d9a4',
    '--th-active-back': '#173524',
    '--th-soon': '#f3c169',
    '--th-soon-back': '#3c2d10',
    '--th-dead': '#bdb8af',
    '--th-dead-back': '#33302c',
    '--th-refused': '#ffaca3',
    '--th-refused-back': '#451f1c',
    '--th-bar': '#4fb4a6',
    '--th-bar-empty': '#33302c',
  },
});
