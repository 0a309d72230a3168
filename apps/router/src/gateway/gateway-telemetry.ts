import type { ToolIndex } from '@switchyard/catalogue';
import type { Telemetry } from '@switchyard/telemetry';
import type { ToolCacheEvent, ToolList, ToolListKey } from '@switchyard/tool-cache';
import { type UpstreamEvent, UpstreamError } from '@switchyard/upstream';

export type SiteNotification = Extract<UpstreamEvent, { type: 'notification' }>;

/** Turns what the upstream adapter reports into metrics and log lines. */
export function createUpstreamTelemetry(
  telemetry: Telemetry,
  onNotification: (event: SiteNotification) => void,
): (event: UpstreamEvent) => void {
  return (event) => {
    switch (event.type) {
      case 'operation': {
        const { method, site, errorType, durationMs } = event;
        telemetry.emit({ type: 'client-operation', method, site, durationMs, errorType });
        if (errorType === 'rate_limited') telemetry.emit({ type: 'rate-limited', site });
        return;
      }
      case 'retry':
      case 'sessions':
        telemetry.emit(event);
        return;
      case 'broken-off':
        telemetry.emit(event);
        // A client that leaves or stops reading is no trouble of the site.
        if (event.reason !== 'cancelled')
          telemetry.log.warn({ site: event.site, reason: event.reason }, 'a large answer was broken off');
        return;
      case 'circuit':
        telemetry.emit(event);
        telemetry.log.warn({ site: event.site, state: event.state }, 'site circuit changed');
        return;
      case 'notification':
        telemetry.log.debug({ endpoint: event.endpoint, method: event.method }, 'site announced a change');
        onNotification(event);
    }
  };
}

/** Turns what the tool cache reports into metrics and log lines. */
export function createListTelemetry(
  telemetry: Telemetry,
  {
    index,
    onLoaded,
    onChanged,
  }: {
    index: (list: ToolList) => ToolIndex;
    onLoaded: (event: Extract<ToolCacheEvent, { type: 'loaded' }>) => void;
    onChanged: (key: ToolListKey) => void;
  },
): (event: ToolCacheEvent) => void {
  return (event) => {
    switch (event.type) {
      case 'lookup':
        telemetry.emit({ type: 'list-cache', tier: event.tier, result: event.result });
        return;
      case 'loaded':
      case 'received':
        reportList(telemetry, event, index);
        if (event.type === 'loaded') onLoaded(event);
        // A first list too: a site that was late has come, and open streams showed the list without it.
        if (event.previous?.hash !== event.list.hash) onChanged(event.key);
        return;
      case 'load-failed':
        telemetry.emit({ type: 'site-state', site: event.site, up: false });
        telemetry.log.warn(
          { site: event.site, reason: reasonOf(event.error) },
          'tool list could not be loaded',
        );
        return;
      case 'store':
        telemetry.emit({ type: 'redis', up: event.available });
        telemetry.log.warn({ available: event.available }, 'redis availability changed');
    }
  };
}

function reportList(
  telemetry: Telemetry,
  event: Extract<ToolCacheEvent, { type: 'loaded' | 'received' }>,
  indexOf: (list: ToolList) => ToolIndex,
): void {
  const { site, list } = event;
  const tools = indexOf(list).entries.length;
  telemetry.emit({ type: 'site-state', site, up: true, tools, fetchedAt: list.fetchedAt });
}

function reasonOf(error: unknown): string {
  return error instanceof UpstreamError ? `${error.code}: ${error.message}` : 'internal';
}
