import { describe, expect, it } from 'vitest';

import { changeKey, createChangeHub } from '../../src/gateway/change-hub.ts';

const CHANGE = { key: 'alice eng', method: 'notifications/tools/list_changed' };

describe('a change', () => {
  it('that concerns nobody is no failure', () => {
    expect(() => createChangeHub().publish(CHANGE)).not.toThrow();
  });

  it('reaches those who listen for its key, once each, and nobody else', () => {
    const hub = createChangeHub();
    const heard: string[] = [];
    hub.listen(['alice eng', 'alice ops', 'alice eng'], () => heard.push('all of alice'));
    hub.listen(['alice eng'], () => heard.push('alice eng'));
    hub.listen(['alice ops'], () => heard.push('alice ops'));
    hub.listen(['bob eng'], () => heard.push('bob'));

    hub.publish(CHANGE);

    expect(heard).toEqual(['all of alice', 'alice eng']);
  });

  it('does not reach a listener who has left, however often it leaves', () => {
    const hub = createChangeHub();
    const heard: string[] = [];
    const leave = hub.listen(['alice eng', 'alice ops'], () => heard.push('left'));
    hub.listen(['alice eng'], () => heard.push('stays'));
    leave();
    leave();

    hub.publish(CHANGE);
    hub.publish({ ...CHANGE, key: 'alice ops' });

    expect(heard).toEqual(['stays']);
  });

  it('reaches the others when one leaves because of it', () => {
    const hub = createChangeHub();
    const heard: string[] = [];
    const leave = hub.listen(['alice eng'], () => {
      heard.push('first');
      leave();
    });
    hub.listen(['alice eng'], () => heard.push('second'));

    hub.publish(CHANGE);
    hub.publish(CHANGE);

    expect(heard).toEqual(['first', 'second', 'second']);
  });

  it('has a key of its own for each credential and endpoint', () => {
    const keys = [changeKey('a', 'x'), changeKey('a', 'y'), changeKey('b', 'x')];

    expect(new Set(keys).size).toBe(3);
  });
});
