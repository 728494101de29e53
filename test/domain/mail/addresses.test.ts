import fc from 'fast-check';
import {
  expand,
  isInside,
  looksLike,
  mayBeSameMailbox,
  readAddress,
  sameMailbox,
} from '../../../domain/mail/addresses';
import { readDomain } from '../../../domain/mail/domains';
import { decodeLabel } from '../../../domain/mail/punycode';
import { isThorough } from '../../support/thorough';

const OURS = ['example.com'];

const RUNS = isThorough ? 5_000 : 500;

const problemOf = (text: string) => {
  const read = readAddress(text);
  return read.ok ? `read as ${read.address.normal}` : read.problem;
};

const normalOf = (text: string) => {
  const read = readAddress(text);
  return read.ok ? read.address.normal : undefined;
};

describe('an address', () => {
  test.each([
    ['plain', 'ic@example.com', 'ic@example.com'],
    ['in capitals', 'IC@EXAMPLE.COM', 'ic@example.com'],
    ['with the dot of the root', 'ic@example.com.', 'ic@example.com'],
    ['with blanks around it', '  ic@example.com ', 'ic@example.com'],
    ['in angle brackets', '<ic@example.com>', 'ic@example.com'],
    ['with a name', 'The commander <ic@example.com>', 'ic@example.com'],
    ['with a name in quotes', '"Commander, the" <IC@Example.com.>', 'ic@example.com'],
    ['with a name that holds quotes', String.raw`"The \"IC\"" <ic@example.com>`, 'ic@example.com'],
    ['with a name in another script', '指挥官 <ic@example.com>', 'ic@example.com'],
    ['with its own address as its name', '"IC@example.com" <ic@example.com>', 'ic@example.com'],
    ['with quotes that it did not need', '"ic"@example.com', 'ic@example.com'],
    ['with a plus-part', 'ic+x@example.com', 'ic+x@example.com'],
    [
      'with every sign that may stand there',
      "a#$&'*+=?^_{}~-.b@example.com",
      "a#$&'*+=?^_{}~-.b@example.com",
    ],
    ['of a domain in its xn-- form', 'ic@xn--bcher-kva.example', 'ic@xn--bcher-kva.example'],
    ['of 64 and 253 characters', `${'a'.repeat(64)}@${'b'.repeat(63)}.example`, undefined],
    ['of 254 characters', `ic@${long(251)}`, `ic@${long(251)}`],
  ])('%s is read', (_, typed, normal) => {
    expect(normalOf(typed)).toBe(normal ?? typed);
  });

  test('keeps the letters before the @, and the name, as they were typed', () => {
    expect(readAddress('"The \\"IC\\"" <Ic+X@Example.COM.>')).toEqual({
      ok: true,
      address: { local: 'Ic+X', domain: 'example.com', display: 'The "IC"', normal: 'ic+x@example.com' },
    });
    expect(readAddress('<ic@example.com>')).toEqual({
      ok: true,
      address: { local: 'ic', domain: 'example.com', normal: 'ic@example.com' },
    });
  });

  test.each([
    ['nothing', '', 'missing'],
    ['blanks', '   ', 'missing'],
    ['no @', 'ic.example.com', 'no @'],
    ['nothing before the @', '@example.com', 'nothing stands before the @'],
    ['nothing after the @', 'ic@', 'nothing stands after the @'],
    ['empty angle brackets', 'IC <>', 'no @'],
    ['two @', 'ic@example.com@evil.example', 'not one address'],
    ['two @, the other way', 'ic@evil.example@example.com', 'not one address'],
    ['two addresses', 'ic@example.com, x@evil.example', 'not one address'],
    ['two addresses with names', 'A <ic@example.com>, B <x@evil.example>', 'not one address'],
    ['two addresses with a semicolon', 'ic@example.com;x@evil.example', 'not one address'],
    ['a group as mail programs write it', 'Team: ic@example.com, x@evil.example;', 'not one address'],
    ['a route', '<@evil.example:ic@example.com>', 'not one address'],
    ['a link', 'mailto:ic@example.com', 'not one address'],
    ['a percent sign, by which relays send on', 'x%evil.example@example.com', 'reads in the same way'],
    ['a bang path', 'evil.example!x@example.com', 'reads in the same way'],
    ['a folder', '../keys@example.com', 'reads in the same way'],
    ['a pipe', '|sh@example.com', 'reads in the same way'],
    ['a blank inside', 'i c@example.com', 'reads in the same way'],
    ['a name without brackets', 'Commander ic@example.com', 'reads in the same way'],
    ['two dots', 'i..c@example.com', 'reads in the same way'],
    ['a dot at the end of the local part', 'ic.@example.com', 'reads in the same way'],
    ['a quoted blank', '"i c"@example.com', 'reads in the same way'],
    ['a quoted @', '"x@evil.example"@example.com', 'not one address'],
    ['a quoted @ and a blank', '"x@evil.example x"@example.com', 'not one address'],
    ['a quoted quote', String.raw`"a\"b"@example.com`, 'reads in the same way'],
    ['a comment', 'ic(x@evil.example)@example.com', 'not one address'],
    ['a comment without an @', 'ic(commander)@example.com', 'comment'],
    ['a comment after it', 'ic@example.com (commander)', 'may hold letters'],
    ['a comment in the domain', 'ic@example(x).com', 'may hold letters'],
    ['a letter that is not ASCII before the @', 'іc@example.com', 'not ASCII'],
    ['65 characters before the @', `${'a'.repeat(65)}@example.com`, 'more than 64'],
    ['255 characters', `ic@${long(252)}`, 'longer than 254'],
    ['a domain of 254 characters', `i@${long(254)}`, 'longer than 253'],
    ['a label of 64 characters', `ic@${'a'.repeat(64)}.com`, 'longer than 63'],
    ['a name longer than anybody reads', `${'a'.repeat(1_000)} <ic@example.com>`, 'longer than 1000'],
    ['a domain of one word', 'ic@example', 'not a full domain'],
    ['localhost', 'ic@localhost.', 'not a full domain'],
    ['two dots at the end', 'ic@example.com..', 'empty'],
    ['an empty label', 'ic@example..com', 'empty'],
    ['a dot before the domain', 'ic@.example.com', 'empty'],
    ['a hyphen at the end of a label', 'ic@example-.com', 'may hold letters'],
    ['an underscore in the domain', 'ic@exam_ple.com', 'may hold letters'],
    ['a blank in the domain', 'ic@example .com', 'may hold letters'],
    ['an IP literal', 'ic@[192.0.2.1]', 'IP address'],
    ['an IPv6 literal', 'ic@[IPv6:2001:db8::1]', 'IP address'],
    ['a bare IP address', 'ic@192.0.2.1', 'IP address'],
    ['a bare IP address in hexadecimal digits', 'ic@192.0.0x1', 'IP address'],
    ['a Cyrillic letter', 'ic@exаmple.com', 'xn--'],
    ['a domain in another script', 'ic@例え.example', 'xn--'],
    ['a full-width dot', 'ic@example．com', 'xn--'],
    ['an ideographic full stop', 'ic@example。com', 'xn--'],
    ['full-width letters', 'ic@ｅｘａｍｐｌｅ.com', 'xn--'],
    ['a Kelvin sign, a "k" in lower case', 'ic@boo\u212a.example', 'xn--'],
    ['a full-width @', 'ic＠example.com', 'no @'],
    ['a zero-width space', 'ic@exam\u200bple.com', "can't be seen"],
    ['a soft hyphen', 'ic@exam\u00adple.com', "can't be seen"],
    ['a mark from right to left', 'ic@\u202emoc.elpmaxe', "can't be seen"],
    ['a mark from right to left in the name', '\u202eIC <ic@example.com>', "can't be seen"],
    ['a byte order mark', '\ufeffic@example.com', "can't be seen"],
    ['a header of its own', 'ic@example.com\r\nBcc: x@evil.example', 'line end'],
    ['a line end after it', 'ic@example.com\n', 'line end'],
    ['a line separator', 'IC\u2028 <ic@example.com>', 'line end'],
    ['a NUL', 'ic@example.com\0.evil.example', "can't be seen"],
    ['half a character', 'IC \ud800 <ic@example.com>', "can't be seen"],
    ['an address of another as its name', '"ic@example.com" <x@evil.example>', 'holds another address'],
    ['the same without quotes', 'ic@example.com <x@evil.example>', 'holds another address'],
    ['a full-width @ in its name', '"ic＠example.com" <x@evil.example>', 'holds another address'],
    ['an address among words in its name', '"ic@example.com (work)" <x@evil.example>', 'holds another'],
    ['an encoded name', '=?utf-8?q?ic=40example.com?= <x@evil.example>', 'is encoded'],
    ['brackets in its name', '"<ic@example.com>" <x@evil.example>', 'not one address'],
    ['a comma in a name without quotes', 'Commander, the <ic@example.com>', 'needs quotes'],
    ['quotes that do not match', '"IC <ic@example.com>', 'do not match'],
    ['words after the brackets', '<ic@example.com> IC', 'not one address'],
    ['brackets in brackets', '<<ic@example.com>>', 'not one address'],
  ])('with %s is refused, and says why', (_, typed, part) => {
    expect(problemOf(typed)).toContain(part);
    expect(isInside(typed, OURS)).toBe(false);
  });

  test('that is refused is shown on one short line, in which a disguise is seen', () => {
    expect(problemOf('ic@exаmple.com')).toContain('ex\\u{430}mple.com');
    const problem = problemOf(`ic@${'é\n'.repeat(400)}`);
    expect(problem).toMatch(/^[\x20-\x7e…]*$/);
    expect(problem.length).toBeLessThan(900);
  });

  test('is read in no time, whatever it is', () => {
    const began = performance.now();
    for (const hostile of ['a.', '"\\', '<', '@', '((', 'xn--', '-', '+', ' "'])
      for (const end of ['', '@', '@example.com', '<ic@example.com>', '"@example.com'])
        for (const most of [900, 1_000_000]) {
          const typed = hostile.repeat(most / hostile.length) + end;
          readAddress(typed);
          looksLike(typed, OURS);
        }
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('inside', () => {
  test.each([
    ['ic@example.com'],
    ['IC@Example.Com'],
    ['ic@example.com.'],
    ['ic+x@example.com'],
    ['"ic"@example.com'],
    ['The commander <ic@example.com>'],
    ['unknown@example.com'],
  ])('is %s', (typed) => {
    expect(isInside(typed, OURS)).toBe(true);
  });

  test.each([
    ['ic@mail.example.com'],
    ['ic@example.com.evil.net'],
    ['ic@example.co'],
    ['ic@example.comm'],
    ['ic@examp1e.com'],
    ['ic@notexample.com'],
    ['ic@example-com.net'],
    ['ic@com'],
    ['ic@.com'],
    ['ic@xn--exmple-4nf.com'],
    ['example.com'],
    ['@example.com'],
    ['ic@example.com.invalid'],
  ])('is not %s', (typed) => {
    expect(isInside(typed, OURS)).toBe(false);
  });

  test('is a sub-domain where it is configured, and then not the domain above it', () => {
    expect(isInside('ic@mail.example.com', ['mail.example.com'])).toBe(true);
    expect(isInside('ic@example.com', ['mail.example.com'])).toBe(false);
  });

  test('is what the configuration says, in capitals and with the dot of the root too', () => {
    expect(isInside('ic@example.com', ['insurer.example', 'Example.COM.'])).toBe(true);
    expect(isInside('ic@xn--bcher-kva.example', ['xn--bcher-kva.example'])).toBe(true);
  });

  test('is nobody where the domain can not be read', () => {
    for (const own of [
      '',
      '.',
      '*',
      '*.com',
      '*.example.com',
      '@example.com',
      'com',
      'exаmple.com',
      '.example.com',
    ])
      expect(isInside('ic@example.com', [own])).toBe(false);
    expect(isInside('ic@example.com', [])).toBe(false);
  });
});

describe('a domain of the configuration', () => {
  test('is read as it is compared', () => {
    expect(readDomain('Example.COM.')).toEqual({ ok: true, domain: 'example.com' });
  });

  test.each([['*.example.com'], ['@example.com'], ['example'], [''], ['bücher.example'], ['exa mple.com']])(
    'is not %j',
    (typed) => {
      expect(readDomain(typed).ok).toBe(false);
    },
  );
});

describe('a look-alike', () => {
  test.each([
    ['a Cyrillic letter', 'ic@exаmple.com'],
    ['the same in its xn-- form', 'ic@xn--exmple-4nf.com'],
    ['a Greek letter', 'ic@exαmple.com'],
    ['a digit', 'ic@examp1e.com'],
    ['a capital i for an l', 'ic@exampIe.com'],
    ['two letters for an m', 'ic@exarnple.com'],
    ['an accent', 'ic@examplé.com'],
    ['full-width letters', 'ic@ｅｘａｍｐｌｅ.com'],
    ['a full-width dot', 'ic@example．com'],
    ['an ideographic full stop', 'ic@example。com'],
    ['a zero-width space', 'ic@exam\u200bple.com'],
    ['a soft hyphen', 'ic@exam\u00adple.com'],
    ['a letter too many', 'ic@examplee.com'],
    ['a letter too few', 'ic@exmple.com'],
    ['another letter', 'ic@exemple.com'],
    ['two letters exchanged', 'ic@exmaple.com'],
    ['another end', 'ic@example.co'],
    ['another end altogether', 'ic@example.net'],
    ['the domain in front', 'ic@example.com.evil.net'],
    ['the domain in the middle', 'ic@mail.example.com.evil.net'],
    ['a hyphen for the dot', 'ic@example-com.net'],
    ['no dot', 'ic@examplecom.net'],
    ['a word more', 'ic@example-security.net'],
    ['a sub-domain of a look-alike', 'ic@mail.examp1e.com'],
    ['two @', 'x@evil.example@examp1e.com'],
    ['a name', 'IC <ic@examp1e.com>'],
  ])('with %s is known as one', (_, typed) => {
    expect(looksLike(typed, ['insurer.example', 'example.com'])).toBe('example.com');
    expect(isInside(typed, OURS)).toBe(false);
  });

  test.each([
    ['ic@example.com'],
    ['ic@EXAMPLE.com.'],
    ['ic@mail.example.com'],
    ['claims@insurer.example'],
    ['security@customer.example'],
    ['agent@police.example'],
    ['ic@xn--bcher-kva.example'],
    ['ic@xn--.example'],
    ['nothing'],
    ['ic@'],
    [''],
  ])('is not %s', (typed) => {
    expect(looksLike(typed, OURS)).toBeUndefined();
  });

  test('of a short name is known by the same name only: others lie next to it by chance', () => {
    expect(looksLike('x@abd.example', ['abc.example'])).toBeUndefined();
    expect(looksLike('x@abc.net', ['abc.example'])).toBe('abc.example');
  });

  test('in its xn-- form is decoded as RFC 3492 says', () => {
    // Two that everybody knows, one in another script throughout, and samples of section 7.1.
    for (const [label, letters] of [
      ['xn--bcher-kva', 'bücher'],
      ['xn--exmple-4nf', 'exаmple'],
      ['xn--80ak6aa92e', 'аррӏе'],
      ['xn--3b-ww4c5e180e575a65lsy2b', '3年b組金八先生'],
      ['xn--d9juau41awczczp', 'そのスピードで'],
      ['xn--de-jg4avhby1noc0d', 'パフィーdeルンバ'],
    ] as const)
      expect(decodeLabel(label)).toBe(letters);
    for (const wrong of ['example', 'xn--é', 'xn--a-', 'xn--9', 'xn--99999999999', `xn--${'z'.repeat(200)}`])
      expect([undefined, 'a']).toContain(decodeLabel(wrong));
  });
});

describe('one mailbox', () => {
  test.each([
    ['ic@example.com', 'IC@EXAMPLE.COM.', true, true],
    ['ic@example.com', '"ic"@example.com', true, true],
    ['ic@example.com', 'The commander <ic@example.com>', true, true],
    ['ic@example.com', 'ic+x@example.com', false, true],
    ['ic+x@example.com', 'IC+y@example.com', false, true],
    ['ic@example.com', 'icx@example.com', false, false],
    ['ic@example.com', 'ic@mail.example.com', false, false],
    ['+x@example.com', '+y@example.com', false, false],
    ['not one', 'not one', false, false],
  ])('%s and %s: the same %s, perhaps the same %s', (one, other, same, perhaps) => {
    expect([sameMailbox(one, other), sameMailbox(other, one)]).toEqual([same, same]);
    expect([mayBeSameMailbox(one, other), mayBeSameMailbox(other, one)]).toEqual([perhaps, perhaps]);
  });
});

describe('the groups', () => {
  const GROUPS = {
    'Engineering@example.com': ['vp-engineering@example.com', 'web@example.com'],
    'web@example.com': ['Web-Lead@example.com', 'contractor@partner.example'],
    'all@example.com': ['engineering@EXAMPLE.com.', 'ic@example.com', 'web@example.com'],
    'on-call@example.com': ['on-call@example.com', 'ic@example.com'],
  };
  const membersOf = (addresses: string[], groups: Readonly<Record<string, string[]>> = GROUPS) => {
    const expanded = expand(addresses, groups);
    return expanded.ok ? expanded.members : expanded.problems;
  };

  test('are opened down to the mailboxes, in their order, each once in any spelling', () => {
    expect(
      membersOf(['IC@example.com', 'all@example.com', 'x@example.com', 'WEB-lead@example.com.']),
    ).toEqual([
      'IC@example.com',
      'vp-engineering@example.com',
      'Web-Lead@example.com',
      'contractor@partner.example',
      'x@example.com',
    ]);
  });

  test('are found in any case, with a name, with the dot of the root and with a plus-part', () => {
    const members = membersOf(['engineering@example.com']);
    expect(members).toContain('contractor@partner.example');
    for (const typed of [
      'ENGINEERING@example.com.',
      'All of us <engineering@example.com>',
      '"engineering"@example.com',
      'engineering+urgent@example.com',
    ])
      expect(membersOf([typed])).toEqual(members);
  });

  test('have members that are groups behind a plus-part too', () => {
    expect(
      membersOf(['a@example.com'], {
        'a@example.com': ['b+x@example.com'],
        'b@example.com': ['c@example.com'],
      }),
    ).toEqual(['c@example.com']);
  });

  test('with a plus-part of their own are found by it, and the group without it by that', () => {
    const groups = { 'a@example.com': ['b@example.com'], 'a+x@example.com': ['c@example.com'] };
    expect(membersOf(['a+x@example.com'], groups)).toEqual(['c@example.com']);
    expect(membersOf(['a@example.com'], groups)).toEqual(['b@example.com']);
    expect(membersOf(['a+y@example.com'], groups)).toEqual(['b@example.com']);
  });

  test('are no mailboxes themselves, unless they list themselves', () => {
    expect(membersOf(['web@example.com'])).not.toContain('web@example.com');
    expect(membersOf(['on-call@example.com'])).toEqual(['on-call@example.com', 'ic@example.com']);
  });

  test('of no address have no members', () => {
    expect(membersOf([])).toEqual([]);
  });

  test.each<[string, string[], Record<string, string[]>, string]>([
    ['an unreadable address', ['ic@example.com', 'nobody'], {}, '"nobody" is not an e-mail address'],
    [
      'an unreadable member',
      ['a@example.com'],
      { 'a@example.com': ['nobody'] },
      '(in the group a@example.com)',
    ],
    [
      'an unreadable group',
      ['ic@example.com'],
      { nobody: ['ic@example.com'] },
      "the address of a group can't be read",
    ],
    [
      'a group configured twice',
      ['ic@example.com'],
      { 'a@example.com': ['ic@example.com'], 'A@example.com': ['x@evil.example'] },
      'a@example.com is configured twice',
    ],
    ['an empty group', ['a@example.com'], { 'a@example.com': [] }, 'nobody is in the group a@example.com'],
    [
      'groups that lie in each other',
      ['a@example.com'],
      { 'a@example.com': ['b@example.com', 'ic@example.com'], 'b@example.com': ['a@example.com'] },
      'a@example.com and b@example.com lie in each other',
    ],
  ])('with %s are refused', (_, addresses, groups, part) => {
    expect(expand(addresses, groups).ok).toBe(false);
    expect(membersOf(addresses, groups).join()).toContain(part);
  });

  test('that nobody oversees are refused: ten deep, and no deeper', () => {
    const deep = (most: number) =>
      Object.fromEntries(
        Array.from({ length: most }, (_, at) => [
          `g${at}@example.com`,
          [at + 1 < most ? `g${at + 1}@example.com` : 'ic@example.com'],
        ]),
      );
    expect(membersOf(['g0@example.com'], deep(10))).toEqual(['ic@example.com']);
    expect(membersOf(['g0@example.com'], deep(11)).join()).toContain('lies in more than 10 others');
    expect(expand(['g0@example.com'], deep(5_000)).ok).toBe(false);
  });

  test('tell everything that is wrong at once', () => {
    expect(membersOf(['nobody', 'a@example.com'], { 'a@example.com': ['x@', 'y@'] })).toHaveLength(3);
  });

  test('with names such as __proto__ are refused as any other', () => {
    const hostile = JSON.parse('{"__proto__": ["x@evil.example"], "constructor": []}') as Record<
      string,
      string[]
    >;
    expect(membersOf(['ic@example.com'], hostile)).toHaveLength(2);
    expect(membersOf(['constructor@example.com', 'tostring@example.com'], {})).toHaveLength(2);
  });
});

describe('whatever is typed', () => {
  const PIECES = [
    'ic',
    'x',
    'example.com',
    'evil.example',
    'example',
    '.com',
    '@',
    '@',
    '.',
    '..',
    '+x',
    '"',
    '\\',
    '<',
    '>',
    '(',
    ')',
    ',',
    ';',
    ':',
    '[',
    ']',
    ' ',
    '%',
    '!',
    '/',
    '\r\n',
    '\0',
    '\u200b',
    '\u00ad',
    '\u202e',
    '\u2028',
    '．',
    '。',
    '＠',
    'а',
    'е',
    'ı',
    '\u212a',
    'ß',
    'xn--',
    'xn--exmple-4nf',
    '\ud800',
    '=?utf-8?q?',
    '-',
    '127.0.0.1',
    '0x7f',
  ];
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join('')),
  );
  const word = fc.stringMatching(/^[a-z0-9_+=-]{1,12}$/);
  const local = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join('.'));
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/);
  const domain = fc
    .tuple(fc.array(label, { minLength: 1, maxLength: 3 }), fc.constantFrom('com', 'example', 'net'))
    .map(([labels, end]) => [...labels, end].join('.'));
  const shuffledCase = (text: string, capitals: readonly boolean[]) =>
    [...text].map((letter, at) => (capitals[at % capitals.length] ? letter.toUpperCase() : letter)).join('');
  const capitals = fc.array(fc.boolean(), { minLength: 1, maxLength: 20 });
  /** One mailbox, as people may spell it. */
  const spelling = fc.constantFrom<(local: string, domain: string) => string>(
    (name, at) => `${name}@${at}`,
    (name, at) => `${name}@${at}.`,
    (name, at) => `"${name}"@${at}`,
    (name, at) => `<${name}@${at}>`,
    (name, at) => `Somebody <${name}@${at}>`,
    (name, at) => `"Some, body" <${name}@${at}.>`,
    (name, at) => `  ${name}@${at} `,
  );

  test('is an address or a problem, and nothing is ever thrown', () => {
    const kinds = { read: 0, refused: 0 };
    fc.assert(
      fc.property(anything, anything, (one, other) => {
        const read = readAddress(one);
        kinds[read.ok ? 'read' : 'refused'] += 1;
        if (read.ok) expect(read.address.normal).toMatch(/^[\x21-\x7e]+$/);
        else expect(read.problem).toMatch(/^[\x20-\x7e…]+$/);
        expect(typeof isInside(one, [other, 'example.com'])).toBe('boolean');
        expect(looksLike(one, [other, 'example.com'])).not.toBe('');
        expect(typeof sameMailbox(one, other)).toBe('boolean');
        expand([one], { [other]: [one] });
      }),
      { numRuns: RUNS },
    );
    expect(kinds.refused).toBeGreaterThan(RUNS / 4);
  });

  test('is normal once it has been read: reading it again changes nothing', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anything,
          fc.tuple(spelling, local, domain).map(([spell, name, at]) => spell(name, at)),
        ),
        (typed) => {
          const normal = normalOf(typed);
          if (normal === undefined) return;
          expect(normalOf(normal)).toBe(normal);
          expect(sameMailbox(typed, normal)).toBe(true);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('is the same mailbox in every spelling, inside or not', () => {
    fc.assert(
      fc.property(local, domain, spelling, capitals, fc.boolean(), (name, at, spell, letters, isOurs) => {
        const typed = spell(shuffledCase(name, letters), shuffledCase(at, letters));
        expect(normalOf(typed)).toBe(`${name}@${at}`);
        expect(isInside(typed, isOurs ? [`${at}.`] : OURS)).toBe(isOurs || at === 'example.com');
      }),
      { numRuns: RUNS },
    );
  });

  /** Things done to an address or to its domain so that it is taken for one of the company's. */
  const trick = fc.constantFrom<(outside: string) => string>(
    (outside) => `"ic@example.com" <x@${outside}>`,
    (outside) => `ic@example.com <x@${outside}>`,
    (outside) => `"x@${outside}"@example.com`,
    (outside) => `x@${outside}@example.com`,
    (outside) => `ic@example.com@${outside}`,
    (outside) => `x%${outside}@example.com`,
    (outside) => `${outside}!x@example.com`,
    (outside) => `<@${outside}:ic@example.com>`,
    (outside) => `ic@example.com,x@${outside}`,
    (outside) => `ic@example.com;x@${outside}`,
    (outside) => `ic@example.com x@${outside}`,
    (outside) => `ic@example.com\r\nBcc: x@${outside}`,
    (outside) => `ic@example.com\0@${outside}`,
    (outside) => `ic(@${outside})@example.com`,
    (outside) => `x@${outside}(@example.com)`,
    (outside) => `x@${outside}.example.com`,
    (outside) => `x@example.com.${outside}`,
    (outside) => `x@${outside}\u3002example.com`,
    (outside) => `x@${outside}\uff0eexample.com`,
    (outside) => `x@${outside}/example.com`,
    (outside) => `x@${outside}?@example.com`,
    (outside) => `x@${outside}#@example.com`,
    (outside) => `Team: ic@example.com, x@${outside};`,
    (outside) => `=?utf-8?q?ic=40example.com?= <x@${outside}>`,
  );

  test('an outside domain is never inside, whichever trick is played with it', () => {
    fc.assert(
      fc.property(
        domain.filter((at) => at !== 'example.com'),
        trick,
        capitals,
        (at, play, letters) => {
          expect(isInside(shuffledCase(play(at), letters), OURS)).toBe(false);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('one character more or less, and it is another domain', () => {
    const character = fc.oneof(
      fc.constantFrom(...PIECES),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    );
    fc.assert(
      fc.property(fc.nat({ max: 'example.com'.length }), fc.nat({ max: 2 }), character, (at, less, more) => {
        const changed = 'example.com'.slice(0, at) + more + 'example.com'.slice(at + less);
        const typed = `ic@${changed}`;
        // What is the same domain in other letters, or with blanks around it, or with the dot of the root.
        const isSame =
          /^[\x20-\x7e]*$/.test(changed) && changed.trim().toLowerCase().replace(/\.$/, '') === 'example.com';
        expect(isInside(typed, OURS)).toBe(isSame && !/^\s/.test(changed));
      }),
      { numRuns: RUNS },
    );
  });

  test('every mailbox that a group lists is among its members, however groups lie in groups', () => {
    const group = fc.integer({ min: 0, max: 5 });
    const groups = fc.array(
      fc.record({
        boxes: fc.array(
          fc.tuple(
            local.filter((name) => !name.includes('+')),
            domain,
          ),
          { minLength: 1, maxLength: 3 },
        ),
        inner: fc.array(group, { maxLength: 3 }),
      }),
      { minLength: 6, maxLength: 6 },
    );
    fc.assert(
      fc.property(groups, spelling, capitals, (all, spell, letters) => {
        // Each lies in earlier ones only.
        const configured = Object.fromEntries(
          all.map(({ boxes, inner }, at) => [
            `group-${at}@lists.example`,
            [
              ...boxes.map(([name, on]) => `${name}@${on}`),
              ...inner
                .filter((one) => one > at)
                .map((one) => spell(shuffledCase(`group-${one}`, letters), 'lists.example')),
            ],
          ]),
        );
        const reached = new Set<number>([0]);
        for (const [at, { inner }] of all.entries())
          if (reached.has(at)) for (const one of inner) if (one > at) reached.add(one);
        const wanted = [...reached].flatMap((at) => all[at]!.boxes.map(([name, on]) => `${name}@${on}`));
        const expanded = expand([spell('group-0', 'lists.example')], configured);
        expect(expanded.ok && [...expanded.members].sort()).toEqual([...new Set(wanted)].sort());
      }),
      { numRuns: RUNS },
    );
  });
});

/** A domain of so many characters. */
function long(characters: number): string {
  const end = '.example';
  const labels: string[] = [];
  for (let left = characters - end.length; left > 0;) {
    const size = left > 64 ? 62 : left;
    labels.push('a'.repeat(Math.min(size, 63)));
    left -= size + 1;
  }
  return labels.join('.') + end;
}
