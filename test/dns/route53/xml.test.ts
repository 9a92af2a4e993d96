import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { element, parseXml, writeXml, type XmlElement } from '../../../dns/route53/xml.ts'
import { cpuMsOf } from '../../support/cpu-time.ts'

const name = fc.stringMatching(/^[A-Za-z][\w.-]{0,8}$/)
const text = fc.string({ unit: 'grapheme' }).filter((one) => !/\p{Surrogate}/u.test(one))

const anyElement = fc.letrec<{ node: XmlElement }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.tuple(name, text).map(([tag, inside]) => element(tag, inside)),
    fc
      .tuple(name, fc.array(tie('node'), { minLength: 1, maxLength: 4 }))
      .map(([tag, children]) => element(tag, children)),
  ),
})).node

describe('the XML of Route 53', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(anyElement, (root) => {
        expect(parseXml(`<?xml version="1.0"?>\n${writeXml(root)}`)).toEqual(root)
      }),
    )
  })

  it('is read or is none, whatever comes', () => {
    const garbage = fc.oneof(
      text,
      fc.string({ unit: fc.constantFrom(...'<>/?!-[]&;#x"\'= aA:0\n'.split('')) }),
      fc.tuple(anyElement, fc.nat(), fc.string({ maxLength: 3 })).map(([root, at, noise]) => {
        const whole = writeXml(root)
        const cut = at % (whole.length + 1)
        return whole.slice(0, cut) + noise + whole.slice(cut + noise.length)
      }),
    )
    fc.assert(
      fc.property(garbage, (document) => {
        const root = parseXml(document)
        expect(root === undefined || typeof root.name === 'string').toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('has entities, numbers, comments, sections and prefixes', () => {
    const document = `\uFEFF<?xml version="1.0" encoding="UTF-8"?>
      <r53:A xmlns:r53="https://example.com/" x='1'><!-- a - note --><B>&lt;&amp;&#65;&#x1F600;&quot;</B>
      <C><![CDATA[<&]]]></C><D/><E a="b" /></r53:A>
      `
    expect(parseXml(document)).toEqual(
      element('A', [
        element('B', '<&A😀"'),
        element('C', '<&]'),
        element('D', ''),
        element('E', ''),
      ]),
    )
  })

  it.each([
    ['nothing', ''],
    ['text', 'Service Unavailable'],
    ['two roots', '<a/><b/>'],
    ['an open element', '<a><b></a>'],
    ['a stray end', '<a></a></a>'],
    ['an unknown entity', '<a>&uuml;</a>'],
    ['an entity of every object', '<a>&constructor;</a>'],
    ['half a character', '<a>&#xD800;</a>'],
    ['a bare ampersand', '<a>a & b</a>'],
    ['a document type', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ['an attribute without quotes', '<a b=c/>'],
    ['a page of the web', '<html><body><br>Bad Gateway</body></html>'],
    ['elements without end', '<a>'.repeat(40) + '</a>'.repeat(40)],
  ])('is not %s', (_, document) => {
    expect(parseXml(document)).toBeUndefined()
  })

  it('is read in time that grows with its length only', () => {
    const long = 50_000
    const documents = [
      '<a '.repeat(long),
      `<a${' x="y"'.repeat(long)}`,
      `<!--${'-'.repeat(long)}`,
      '&'.repeat(long),
      `<![CDATA[${']'.repeat(long)}`,
      '<a>'.repeat(long),
    ]
    const took = cpuMsOf(() => {
      for (const document of documents) expect(parseXml(document)).toBeUndefined()
    })
    expect(took).toBeLessThan(1_000)
  })
})
