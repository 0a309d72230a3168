/** Writes the lines that every answer's head ends with. `isLast`: the connection ends after it. */
export type HeadEnd = (isLast: boolean) => string;

/** The date is written once a second. `keepAliveMs` is told to the client, which then does not use a connection that is about to end. */
export function createHeadEnd({
  keepAliveMs,
  now = Date.now,
}: {
  readonly keepAliveMs: number;
  readonly now?: () => number;
}): HeadEnd {
  const keep = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(keepAliveMs / 1_000)}\r\n\r\n`;
  let validUntil = 0;
  let date = '';
  let kept = '';

  return (isLast) => {
    const time = now();
    if (time >= validUntil || time < validUntil - 1_000) {
      validUntil = time - (time % 1_000) + 1_000;
      date = `Date: ${new Date(time).toUTCString()}\r\n`;
      kept = date + keep;
    }
    return isLast ? `${date}Connection: close\r\n\r\n` : kept;
  };
}
