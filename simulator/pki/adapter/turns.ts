/** Lets work of the same name pass one at a time, in order of arrival. */
export interface Turns {
  run<T>(name: string, work: () => Promise<T>): Promise<T>;
  isBusy(name: string): boolean;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<unknown>>();
  return {
    async run(name, work) {
      const before = last.get(name) ?? Promise.resolve();
      const mine = before.then(work, work);
      last.set(name, mine);
      try {
        return await mine;
      } finally {
        if (last.get(name) === mine) last.delete(name);
      }
    },
    isBusy: (name) => last.has(name),
  };
}
