/** `npm start`: everything that the service needs, on a fresh clone too. See scripts/start/supervisor.ts. */
process.argv.splice(2, 0, 'scripts/start/main.ts');
await import('./with-node.mjs');
