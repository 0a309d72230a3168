// What a session's streams have said, so that a client whose stream was closed can ask for the rest.

/** Far more than one session of the suite sends. */
const MAX_EVENTS = 256;

/** @returns {import('@modelcontextprotocol/server').EventStore} */
export function createEventLog() {
  /** @type {{id: string, streamId: string, message: import('@modelcontextprotocol/server').JSONRPCMessage}[]} */
  const events = [];
  let count = 0;
  return {
    async storeEvent(streamId, message) {
      count += 1;
      const id = `event-${count}`;
      events.push({ id, streamId, message });
      if (events.length > MAX_EVENTS) events.shift();
      return id;
    },
    async getStreamIdForEventId(eventId) {
      return events.find(({ id }) => id === eventId)?.streamId;
    },
    async replayEventsAfter(lastEventId, { send }) {
      const last = events.findIndex(({ id }) => id === lastEventId);
      const streamId = events[last]?.streamId ?? '';
      const missed = events
        .slice(last + 1)
        .filter((event) => event.streamId === streamId && !isPriming(event));
      for (const { id, message } of missed) await send(id, message);
      return streamId;
    },
  };
}

/** The first event of a stream carries an id and no message. */
function isPriming({ message }) {
  return !('jsonrpc' in message);
}
