import { expect, it } from 'vitest';

import { createAuditKey } from '../src/audit-key.ts';
import { parseHead, renderHead } from '../src/chain-head.ts';
import { GENESIS, openLine, sealLine } from '../src/chain-line.ts';
import {
  type Files,
  KEY,
  kindsOf,
  logNames,
  openTrail,
  OTHER_KEY,
  readAll,
  temporaryDirectory,
  verify,
  write,
  writeFiles,
} from './fixture.ts';

const HEAD = 'one.head';

/** Three files of one chain, closed in order. */
async function intactTrail(
  directory: string,
): Promise<{ files: Files; logs: readonly [string, string, string] }> {
  const { trail } = openTrail(directory, { maxFileBytes: 4_000 });
  await write(trail, 13);
  await trail.close();
  const [first = '', second = '', third = '', ...rest] = await logNames(directory);
  expect(rest).toEqual([]);
  return { files: await readAll(directory), logs: [first, second, third] };
}

function withLines(files: Files, name: string, edit: (lines: string[]) => string[]): Files {
  const lines = String(files[name]).split('\n').slice(0, -1);
  return {
    ...files,
    [name]: Buffer.from(
      edit(lines)
        .map((line) => `${line}\n`)
        .join(''),
    ),
  };
}

function without(files: Files, ...names: readonly string[]): Files {
  return Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name)));
}

function flip(bytes: Buffer, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

function lineCount(files: Files, name: string): number {
  return String(files[name]).split('\n').length - 1;
}

/** Every way to change one file of the trail, with a name for the report of a failure. */
function* changesOf(files: Files, name: string): Generator<[string, Files]> {
  const bytes = files[name] ?? Buffer.alloc(0);
  for (let bit = 5; bit < bytes.length * 8; bit += 331)
    yield [`${name}: bit ${bit}`, { ...files, [name]: flip(bytes, bit) }];
  for (let cut = 1; cut < bytes.length; cut += 311)
    yield [`${name}: ${cut} bytes cut off`, { ...files, [name]: bytes.subarray(0, -cut) }];
  for (let at = 0; at < lineCount(files, name); at += 1) {
    const edits: Record<string, (lines: string[]) => string[]> = {
      deleted: (lines) => lines.toSpliced(at, 1),
      twice: (lines) => lines.toSpliced(at, 0, lines[at] ?? ''),
      'swapped with the next': (lines) =>
        at + 1 < lines.length
          ? lines.toSpliced(at, 2, lines[at + 1] ?? '', lines[at] ?? '')
          : lines.toReversed(),
      'followed by an empty line': (lines) => lines.toSpliced(at + 1, 0, ''),
      'followed by a foreign line': (lines) => lines.toSpliced(at + 1, 0, '{"v":1,"event":"call"}'),
      'with a carriage return': (lines) => lines.with(at, `${lines[at]}\r`),
      'with a space': (lines) => lines.with(at, (lines[at] ?? '').replace(',', ', ')),
      'about somebody else': (lines) =>
        lines.with(at, (lines[at] ?? '').replace(/"(event|mac)":"./, '"$1":"X')),
      'chained again without the key': (lines) => rechain(lines, at),
      'and all after it deleted': (lines) => lines.slice(0, at),
    };
    for (const [what, edit] of Object.entries(edits))
      yield [`${name}: line ${at + 1} ${what}`, withLines(files, name, edit)];
  }
}

/** What somebody without the key would do: new MACs for all lines from the changed one on. */
function rechain(lines: readonly string[], at: number): string[] {
  const key = createAuditKey(OTHER_KEY);
  let previous = /"prev":"([\w-]{43})"/.exec(lines[at] ?? '')?.[1] ?? GENESIS.mac;
  return lines.map((line, index) => {
    if (index < at) return line;
    const members = line.replace(/^\{"v":1,"seq":\d+,/, '').replace(/,"prev":.*$/, '');
    const seq = Number(/"seq":(\d+)/.exec(line)?.[1]);
    const sealed = sealLine(key, { seq: seq - 1, mac: previous }, members);
    previous = sealed.at.mac;
    return sealed.text.trimEnd();
  });
}

/** Changes that concern whole files. */
function wholeFiles(
  files: Files,
  [first, second, third]: readonly [string, string, string],
): [string, Files][] {
  const head = String(files[HEAD]);
  const key = createAuditKey(KEY);
  const forged = { host: 'one', seq: 3, mac: 'B'.repeat(43) };
  const shorter = withLines(files, third, (lines) => lines.slice(0, 1));
  return [
    ['the first file deleted', without(files, first)],
    ['the second file deleted', without(files, second)],
    ['the last file deleted', without(files, third)],
    ['all files deleted', without(files, first, second, third)],
    [
      'all files emptied',
      { ...files, [first]: Buffer.alloc(0), [second]: Buffer.alloc(0), [third]: Buffer.alloc(0) },
    ],
    ['the head deleted', without(files, HEAD)],
    ['the head emptied', { ...files, [HEAD]: Buffer.alloc(0) }],
    ['the head twice', { ...files, [HEAD]: Buffer.from(head + head) }],
    [
      'the head of another host',
      {
        ...files,
        [HEAD]: Buffer.from(renderHead(key, { ...forged, host: 'two' }, '2026-11-21T10:00:00.000Z')),
      },
    ],
    [
      'the head signed with another key',
      {
        ...files,
        [HEAD]: Buffer.from(renderHead(createAuditKey(OTHER_KEY), { ...forged }, '2026-11-21T10:00:00.000Z')),
      },
    ],
    ['a shorter trail with its head deleted', without(shorter, HEAD)],
    [
      'two files with each other’s names, one of them cut',
      { ...shorter, [first]: shorter[second] ?? Buffer.alloc(0), [second]: files[first] ?? Buffer.alloc(0) },
    ],
    [
      'a file given twice',
      {
        ...files,
        [third.replace('.jsonl', '').replace(/\d{12}$/, '000000000099.jsonl')]:
          files[first] ?? Buffer.alloc(0),
      },
    ],
    ['a foreign file', { ...files, 'notes.jsonl': Buffer.from('{"event":"call"}\n') }],
    [
      'two files joined to one',
      {
        ...without(files, second),
        [first]: Buffer.concat([files[first] ?? Buffer.alloc(0), files[second] ?? Buffer.alloc(0)]),
      },
    ],
    [
      'something after the end',
      { ...files, [third]: Buffer.concat([files[third] ?? Buffer.alloc(0), Buffer.from('{"v":1,"seq":')]) },
    ],
    [
      'a byte order mark',
      { ...files, [first]: Buffer.concat([Buffer.from('\ufeff'), files[first] ?? Buffer.alloc(0)]) },
    ],
  ];
}

it('finds every change to a trail, and none in one that nobody changed', { timeout: 60_000 }, async () => {
  const directory = await temporaryDirectory();
  const { files, logs } = await intactTrail(directory);
  const intact = await verify(directory);
  expect(intact).toMatchObject({
    ok: true,
    findingCount: 0,
    chains: [{ host: 'one', files: 3, lines: 17, lost: 0 }],
  });

  const changes = [...logs, HEAD].flatMap((name) =>
    [...changesOf(files, name)].filter(
      ([, changed]) => !files[name]?.equals(changed[name] ?? Buffer.alloc(0)),
    ),
  );
  const seen = new Set<string>();
  const undetected: string[] = [];
  let tried = 0;
  for (const [what, changed] of [...changes, ...wholeFiles(files, logs)]) {
    await writeFiles(directory, changed);
    const report = await verify(directory);
    for (const kind of kindsOf(report)) seen.add(kind);
    if (report.ok) undetected.push(what);
    tried += 1;
  }

  expect(undetected).toEqual([]);
  expect(tried).toBeGreaterThan(500);
  expect([...seen].sort()).toEqual([
    'after_close',
    'changed',
    'gap',
    'head_invalid',
    'head_missing',
    'header',
    'order',
    'start_missing',
    'truncated',
    'unfinished',
  ]);
  await writeFiles(directory, files);
  expect(await verify(directory)).toEqual(intact);
});

it('says in which line of which file something is wrong, and what', async () => {
  const directory = await temporaryDirectory();
  const { files, logs } = await intactTrail(directory);
  await writeFiles(
    directory,
    withLines(files, logs[1], (lines) => lines.with(2, (lines[2] ?? '').replace('eng', 'ops'))),
  );

  const { findings } = await verify(directory);

  expect(findings.map(({ file, line, message }) => [file.endsWith(logs[1]), line, message])).toEqual([
    [true, 3, 'the line was changed, or was not written with this key'],
    [true, 4, expect.stringMatching(/^lines are missing before it: line \d+$/)],
  ]);
});

it('needs the key: with another one every file is foreign', async () => {
  const directory = await temporaryDirectory();
  await intactTrail(directory);

  expect(kindsOf(await verify(directory, { keys: [OTHER_KEY] }))).toEqual(['head_invalid', 'header']);
  await expect(verify(directory, { keys: [new Uint8Array(31)] })).rejects.toMatchObject({
    code: 'invalid_option',
  });
});

it('finds that the whole directory was put back to an earlier state, by a head that was kept elsewhere', async () => {
  const directory = await temporaryDirectory();
  const early = openTrail(directory);
  await write(early.trail, 3);
  await early.trail.close();
  const before = await readAll(directory);
  const late = openTrail(directory, { now: () => early.clock() + 1 });
  await write(late.trail, 3);
  await late.trail.close();
  const kept = late.notices.findLast((notice) => notice.type === 'head');
  await writeFiles(directory, before);

  expect((await verify(directory)).ok).toBe(true);
  expect(kindsOf(await verify(directory, { heads: kept ? [kept] : [] }))).toEqual(['truncated']);
});

it('finds a signed line that was exchanged by one written with the key', async () => {
  const directory = await temporaryDirectory();
  const { files, logs } = await intactTrail(directory);
  const key = createAuditKey(KEY);
  const head = parseHead([key], String(files[HEAD]));
  const lines = String(files[logs[2]]).split('\n');
  const last = openLine(key, Buffer.from(lines.at(-2) ?? ''));
  const forged = sealLine(
    key,
    { seq: (head?.seq ?? 0) - 1, mac: last?.previous ?? '' },
    '"ts":"2026-11-21T10:00:00.000Z","event":"call"',
  );
  await writeFiles(directory, {
    ...files,
    [logs[2]]: Buffer.from([...lines.slice(0, -2), forged.text].join('\n')),
  });

  expect(kindsOf(await verify(directory))).toEqual(['head_differs']);
});

it('asks neither for the beginning nor for the end of a part of a trail', async () => {
  const directory = await temporaryDirectory();
  const { files, logs } = await intactTrail(directory);
  await writeFiles(directory, without(files, logs[0], logs[2], HEAD));

  expect(kindsOf(await verify(directory))).toEqual(['head_missing', 'start_missing']);
  expect(await verify(directory, { partial: true })).toMatchObject({ ok: true, chains: [{ files: 1 }] });
});

it('names the file that cannot be read', async () => {
  await expect(verify('/nowhere/at/all')).rejects.toMatchObject({
    code: 'unreadable',
    message: '/nowhere/at/all cannot be read (ENOENT)',
  });
});
