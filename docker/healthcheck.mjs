// Exits 0 when the process in this container says that it is healthy, 1 otherwise. Node does it, since the slim
// image has neither curl nor wget. The port is an argument, or the worker's own.
const port = process.argv[2] || process.env.FIREBREAK_HEALTH_PORT || '8081';
const withinMs = 4_000; // below the health check's own time-out of 5 s, so that the reason gets printed

try {
  const response = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(withinMs) });
  if (!response.ok) {
    console.error(`It answered ${response.status}.`);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(`It did not answer: ${error.cause?.message ?? error.message}.`);
  process.exitCode = 1;
}
