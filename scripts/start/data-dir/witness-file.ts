/** Outside of the register's folder, so that it is noticed where a copy of that folder alone was put back. */
export function witnessFileOf(dataDir: string): string {
  return `${dataDir}/bitacora/testigo.txt`;
}
