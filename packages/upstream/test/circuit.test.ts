import { describe, expect, it } from 'vitest';

import { createCircuit } from '../src/circuit.ts';
import type { CircuitState } from '../src/index.ts';
import { callOf, failureOf, startEmulator, startUpstream, targetOf, writeOf } from './fixture.ts';

const TIMES = { failures: 3, openMs: 1_000, maxOpenMs: 3_000 };

function startCircuit() {
  const clock = { nowMs: 0 };
  const states: CircuitState[] = [];
  const circuit = createCircuit({
    ...TIMES,
    now: () => clock.nowMs,
    onChange: (state) => states.push(state),
  });
  return {
    circuit,
    clock,
    states,
    fail: (times: number) => Array.from({ length: times }, () => circuit.failed()),
  };
}

describe('a circuit', () => {
  it('opens after so many failures in a row, not before', () => {
    const { circuit, states, fail } = startCircuit();
    fail(2);
    circuit.succeeded();
    fail(2);
    expect([circuit.admits(), states]).toEqual([true, []]);

    fail(1);
    expect([circuit.admits(), states]).toEqual([false, ['open']]);
  });

  it('lets one through when its time is over, and closes when that succeeds', () => {
    const { circuit, clock, states, fail } = startCircuit();
    fail(3);
    clock.nowMs = 999;
    expect(circuit.admits()).toBe(false);

    clock.nowMs = 1_000;
    expect([circuit.admits(), circuit.admits()]).toEqual([true, false]);
    circuit.succeeded();
    expect(states).toEqual(['open', 'half-open', 'closed']);
    fail(2);
    expect(circuit.admits()).toBe(true);
  });

  it('stays open twice as long after each trial that fails, up to a bound', () => {
    const { circuit, clock, fail } = startCircuit();
    fail(3);
    for (const openMs of [1_000, 2_000, 3_000, 3_000]) {
      const opened = clock.nowMs;
      clock.nowMs = opened + openMs - 1;
      expect(circuit.admits()).toBe(false);
      clock.nowMs = opened + openMs;
      expect(circuit.admits()).toBe(true);
      fail(1);
    }
    clock.nowMs += 3_000;
    circuit.admits();
    circuit.succeeded();
    fail(3);
    clock.nowMs += 1_000;
    expect(circuit.admits()).toBe(true);
  });

  it('tries again when a trial had no outcome', () => {
    const { circuit, clock, fail } = startCircuit();
    fail(3);
    clock.nowMs = 1_000;
    expect([circuit.admits(), circuit.admits()]).toEqual([true, false]);

    clock.nowMs = 2_000;
    expect(circuit.admits()).toBe(true);
  });
});

describe('a site that fails', () => {
  it('is not asked for a while, then with one request, then as before', async () => {
    const { emulator, endpoint, asked } = await startEmulator();
    const clock = { nowMs: 0 };
    const { upstream, events } = startUpstream({ now: () => clock.nowMs, circuit: TIMES });
    emulator.control.addFault({ match: { method: 'tools/call' }, effect: { kind: 'http', status: 503 } });

    for (let count = 0; count < 3; count += 1) await failureOf(upstream.send(targetOf(endpoint), writeOf()));
    const refused = await failureOf(upstream.send(targetOf(endpoint), writeOf()));
    expect(refused).toMatchObject({ code: 'circuit_open', mayHaveExecuted: false });
    expect(asked('tools/call')).toHaveLength(3);

    clock.nowMs = 1_000;
    emulator.control.clearFaults();
    await upstream.send(targetOf(endpoint), writeOf());
    await upstream.send(targetOf(endpoint), callOf());
    expect(events.flatMap((event) => (event.type === 'circuit' ? [[event.site, event.state]] : []))).toEqual([
      ['eng', 'open'],
      ['eng', 'half-open'],
      ['eng', 'closed'],
    ]);
  });

  it('takes no other site with it, even at the same endpoint (I3)', async () => {
    const { emulator, endpoint } = await startEmulator();
    const { upstream } = startUpstream({ circuit: TIMES });
    emulator.control.addFault({ match: { method: 'tools/call' }, effect: { kind: 'reset' }, times: 3 });
    for (let count = 0; count < 3; count += 1) await failureOf(upstream.send(targetOf(endpoint), writeOf()));

    expect((await failureOf(upstream.send(targetOf(endpoint), writeOf()))).code).toBe('circuit_open');
    await upstream.send(targetOf(endpoint, undefined, 'ops'), writeOf());
  });

  it.each([
    ['refuses the credential', { kind: 'http', status: 401 }],
    ['limits the rate', { kind: 'http', status: 429 }],
    ['sends garbage', { kind: 'garbage' }],
    ['has a tool that hangs', { kind: 'hang' }],
  ] as const)('only in that it %s is asked on', async (_, effect) => {
    const { emulator, endpoint, asked } = await startEmulator();
    const { upstream, events } = startUpstream({ circuit: TIMES });
    emulator.control.addFault({ match: { method: 'tools/call' }, effect });
    const timeoutMs = effect.kind === 'hang' ? 50 : 5_000;

    for (let count = 0; count < 4; count += 1) {
      await failureOf(upstream.send(targetOf(endpoint), writeOf({ timeoutMs })));
    }
    expect(events.filter(({ type }) => type === 'circuit')).toEqual([]);
    expect(asked('tools/call')).toHaveLength(4);
  });

  it.each(['initialize', 'tools/list'])('hangs on what is always quick: %s', async (method) => {
    const { emulator, endpoint } = await startEmulator();
    const { upstream, events } = startUpstream({
      circuit: TIMES,
      initializeTimeoutMs: 80,
      listTimeoutMs: 80,
    });
    emulator.control.addFault({ match: { method }, effect: { kind: 'hang' } });
    const ask = (): Promise<unknown> =>
      method === 'initialize'
        ? upstream.send(targetOf(endpoint), callOf())
        : upstream.listTools(targetOf(endpoint), new AbortController().signal);

    for (let count = 0; count < 3; count += 1) expect((await failureOf(ask())).code).toBe('timeout');
    expect((await failureOf(ask())).code).toBe('circuit_open');
    expect(events).toContainEqual({ type: 'circuit', site: 'eng', state: 'open' });
  });

  it('is not taken for sound because a trial of it hung in a tool', async () => {
    const { emulator, endpoint } = await startEmulator();
    const clock = { nowMs: 0 };
    const { upstream, events } = startUpstream({ now: () => clock.nowMs, circuit: TIMES });
    emulator.control.addFault({ match: { method: 'tools/call' }, effect: { kind: 'reset' }, times: 3 });
    for (let count = 0; count < 3; count += 1) await failureOf(upstream.send(targetOf(endpoint), writeOf()));
    emulator.control.addFault({ match: { method: 'tools/call' }, effect: { kind: 'hang' } });

    clock.nowMs = 1_000;
    expect((await failureOf(upstream.send(targetOf(endpoint), writeOf({ timeoutMs: 50 })))).code).toBe(
      'timeout',
    );
    expect(events.findLast(({ type }) => type === 'circuit')).toMatchObject({ state: 'half-open' });
  });
});
