/** Times as people read them. */

/** "3 min ago" */
export function ago(at: number, now: number): string {
  return `${howLong(now - at)} ago`;
}

/** "3 min" */
export function howLong(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.round(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}
