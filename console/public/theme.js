// SPDX-License-Identifier: Apache-2.0
//
// Runs before anything is painted, so that a dark page never flashes white.
(function () {
  var wanted = null;
  try {
    wanted = localStorage.getItem('mantine-color-scheme-value');
  } catch (e) {
    /* storage may be forbidden: then the system's theme is taken */
  }
  var dark = wanted === 'dark'
    || (wanted !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
