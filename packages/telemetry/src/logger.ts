import { pino } from 'pino';

import { redactFields, redactText } from './redact.ts';

/** The fields of a log line. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes one JSON line a call, or nothing below the level. The message is constant; what varies goes into the fields. */
export interface Logger {
  readonly debug: (fields: LogFields, message: string) => void;
  readonly info: (fields: LogFields, message: string) => void;
  readonly warn: (fields: LogFields, message: string) => void;
  readonly error: (fields: LogFields, message: string) => void;
}

/** The least level that is written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** Where log lines go; each ends in a newline. */
export interface LogDestination {
  write(line: string): void;
}

/** `base` is on every line. Without a destination lines go to stderr, because stdout carries data. */
export interface LoggerOptions {
  readonly level?: LogLevel | undefined;
  readonly destination?: LogDestination | undefined;
  readonly base?: LogFields | undefined;
}

/** A logger that prints no credential (I5), whatever it is given. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const { level = 'info', destination = pino.destination({ fd: 2, sync: true }), base = {} } = options;
  const log = pino(
    {
      level,
      base: redactFields(base),
      timestamp: pino.stdTimeFunctions.isoTime,
      // Errors are plain by then; pino would rebuild them with a stack.
      serializers: { err: (err: unknown) => err },
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  const writer = (name: 'debug' | 'info' | 'warn' | 'error') => (fields: LogFields, message: string) => {
    if (log.isLevelEnabled(name)) log[name](redactFields(fields), redactText(message));
  };
  return { debug: writer('debug'), info: writer('info'), warn: writer('warn'), error: writer('error') };
}
