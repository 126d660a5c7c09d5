/** A real browser: the machine's Chromium, or what CHROMIUM_PATH names. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const DONDE = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** @throws Error that says what is missing */
export function abrirNavegador(): Promise<Browser> {
  const { CHROMIUM_PATH } = process.env;
  const executablePath = CHROMIUM_PATH ?? DONDE.find((ruta) => existsSync(ruta));
  if (executablePath === undefined)
    throw new Error(
      'No Chromium: install it (Debian: chromium), or set CHROMIUM_PATH to the program of a browser like it',
    );
  // The user of a container is root, for whom Chromium has no sandbox; what is looked at is on this machine.
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--no-proxy-server'] });
}
