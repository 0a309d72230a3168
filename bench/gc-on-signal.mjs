// Loaded into the program under test by the soak: SIGUSR2 collects all garbage, so that what is then held is in use.
process.on('SIGUSR2', () => globalThis.gc?.());
