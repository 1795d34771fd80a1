import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeHeaderText } from '../../src/maillog/index.ts';
import { unescapeText, unquote } from '../../src/maillog/quoting.ts';

describe('quoting of the appliance', () => {
  test.each([
    ["'plain'", 'plain'],
    ['"it\'s"', "it's"],
    ["'a\\'b\\\\c'", "a'b\\c"],
    ["'one\\ntwo\\r\\n\\ttabbed'", 'one\ntwo\r\n\ttabbed'],
    ["'caf\\xc3\\xa9'", 'café'],
    ["'caf\\xe9'", 'café'],
    ["'\\u20ac'", '€'],
    ["u'caf\\xe9'", 'café'],
    ["'220 hello\\015\\012'", '220 hello\r\n'],
    ['Re: bare \\r\\n (PTY)', 'Re: bare \r\n (PTY)'],
    ["'", "'"],
    ['', ''],
  ])('%s', (written, meant) => {
    expect(unquote(written)).toBe(meant);
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof unescapeText(`\\${text}`) === 'string'));
  });
});

describe('encoded words in subjects', () => {
  test.each([
    ['=?utf-8?B?R3LDvMOfZQ==?=', 'Grüße'],
    ['=?ISO-8859-1?Q?Gr=FC=DFe_aus_K=F6ln?=', 'Grüße aus Köln'],
    ['=?windows-1252?Q?=80_5?= offer', '€ 5 offer'],
    ['=?utf-8?Q?a?= =?utf-8?Q?b?=', 'ab'],
    ['=?utf-8?Q?a?= b', 'a b'],
    ['=?utf-8?B?w4Q=?=\r\n =?utf-8?B?w5Y=?=', 'ÄÖ'],
    ['=?utf-8?Q?=C3?= =?utf-8?Q?=A4?=', 'ä'],
    ['=?utf-8*de?Q?=C3=A4?=', 'ä'],
    ['=?x-unheard-of?Q?=E4?=', '=?x-unheard-of?Q?=E4?='],
    ['=?x-unheard-of?Q?plain?=', 'plain'],
    ['=?utf-7?Q?Gr=2BAPwA3w-e_=2B-?=', 'Grüße +'],
    ['=?iso-2022-kr?B?GyQpQw4+SDNnDyE=?=', '안녕!'],
    ['=?hz-gb-2312?B?YX57RGM6Q359?=', 'a你好'],
    ['=?iso-2022-jp?B?GyRCJDMbKEI=?=', 'こ'],
    ['Re: folded\r\n (twice)\n\tor more', 'Re: folded (twice)\tor more'],
    ['no words at all', 'no words at all'],
  ])('%s', (written, meant) => {
    expect(decodeHeaderText(written)).toBe(meant);
  });

  test('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('Q', 'B', 'q', 'b', 'X'),
        (text, encoding) => typeof decodeHeaderText(`=?utf-8?${encoding}?${text}?=`) === 'string',
      ),
    );
  });
});
