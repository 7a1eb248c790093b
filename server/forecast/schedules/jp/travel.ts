// Voluntary vaccines for travel and exposure: hepatitis A, rabies before exposure, typhoid, tick-borne encephalitis, yellow
// fever. Silent unless a dose is on record or the series is asked for.
import type { SeriesSource } from '../../law/schedule.ts';
import { onlyWhenAsked } from './general.ts';
import { rule } from './rule.ts';

export const hepA: SeriesSource = {
  key: 'HEPA',
  name: { ja: 'A型肝炎', en: 'Hepatitis A' },
  programme: 'voluntary',
  targetDisease: { code: '40468003', display: 'Viral hepatitis, type A' },
  products: ['HepA'],
  closures: [
    onlyWhenAsked('HEPA-1', 'HEPA', ['HepA']),
    { rule: 'X9', status: 'immune', reason: 'diseaseHistory', when: { has: 'disease:hepatitis-a' } },
  ],
  windows: [{ rule: 'HEPA-1', from: 'birth' }],
  paths: [
    {
      id: 'HEPA',
      rule: 'HEPA-1',
      doses: [
        { label: '1回目' },
        {
          label: '2回目',
          intervals: [{ rule: 'HEPA-1', after: 1, min: '2 weeks' }],
          standard: [{ rule: 'HEPA-1', after: 1, fromInterval: '2 weeks', toInterval: '4 weeks' }],
        },
        {
          label: '3回目',
          intervals: [
            { rule: 'HEPA-1', after: 1, min: '24 weeks' },
            { rule: 'HEPA-1', after: 2, min: '1 day' },
          ],
        },
      ],
    },
  ],
  rules: {
    'HEPA-1': rule(
      'L7',
      'S',
      '年齢を問わず、2〜4週の間隔で2回、初回から24週以後に1回',
      'At any age: two doses 2 to 4 weeks apart and a third 24 weeks after the first',
    ),
  },
};

export const rabies: SeriesSource = {
  key: 'RABIES',
  name: { ja: '狂犬病（曝露前）', en: 'Rabies, before exposure' },
  programme: 'voluntary',
  targetDisease: { code: '14168008', display: 'Rabies' },
  products: ['RABIES'],
  closures: [onlyWhenAsked('RABIES-1', 'RABIES', ['RABIES'])],
  windows: [{ rule: 'RABIES-1', from: 'birth' }],
  paths: [
    {
      id: 'RABIES',
      rule: 'RABIES-1',
      doses: [
        { label: '1回目' },
        { label: '2回目', intervals: [{ rule: 'RABIES-1', after: 1, min: '7 days' }] },
        {
          label: '3回目',
          intervals: [
            { rule: 'RABIES-1', after: 1, min: '21 days' },
            { rule: 'RABIES-1', after: 2, min: '1 day' },
          ],
          standard: [{ rule: 'RABIES-1', after: 1, fromInterval: '21 days', toInterval: '28 days' }],
        },
      ],
    },
  ],
  rules: {
    'RABIES-1': rule(
      'L7',
      'S',
      '曝露前は初回、7日後、21日または28日後の3回。咬まれた後の接種は別に行う',
      'Before exposure on days 0, 7 and 21 or 28; doses after a bite follow their own schedule',
    ),
  },
};

export const typhoid: SeriesSource = {
  key: 'TYPHOID',
  name: { ja: '腸チフス', en: 'Typhoid' },
  programme: 'voluntary',
  targetDisease: { code: '4834000', display: 'Typhoid fever' },
  products: ['TYPHOID-Vi'],
  closures: [onlyWhenAsked('TYPHOID-1', 'TYPHOID', ['TYPHOID-Vi'])],
  windows: [{ rule: 'TYPHOID-1', from: 'reach 24 months' }],
  paths: [{ id: 'TYPHOID', rule: 'TYPHOID-1', doses: [{ label: '1回' }] }],
  rules: {
    'TYPHOID-1': rule(
      'L7',
      'U',
      '2歳以上に1回。追加の時期は確認できていない',
      'One dose from 2 years of age; when it is repeated was not found',
    ),
  },
};

export const tickBorneEncephalitis: SeriesSource = {
  key: 'TBE',
  name: { ja: 'ダニ媒介性脳炎', en: 'Tick-borne encephalitis' },
  programme: 'voluntary',
  targetDisease: { code: '712986001', display: 'Tick-borne encephalitis' },
  products: ['TBE'],
  closures: [onlyWhenAsked('TBE-1', 'TBE', ['TBE'])],
  windows: [{ rule: 'TBE-1', from: 'reach 12 months' }],
  paths: [
    {
      id: 'TBE',
      rule: 'TBE-1',
      doses: [
        { label: '1回目' },
        { label: '2回目', intervals: [{ rule: 'TBE-2', after: 1, min: '1 month' }] },
        { label: '3回目', intervals: [{ rule: 'TBE-2', after: 2, min: '5 months' }] },
      ],
    },
  ],
  rules: {
    'TBE-1': rule('L7', 'S', '1歳以上', 'From one year of age'),
    'TBE-2': rule(
      'L7',
      'U',
      '3回。1〜3か月後、さらに5〜12か月後とされるが、添付文書で確認する',
      'Three doses, taken to be 1 to 3 months and then 5 to 12 months apart: check the label',
    ),
  },
};

export const yellowFever: SeriesSource = {
  key: 'YF',
  name: { ja: '黄熱', en: 'Yellow fever' },
  programme: 'voluntary',
  targetDisease: { code: '16541001', display: 'Yellow fever' },
  products: ['YF'],
  closures: [onlyWhenAsked('YF-1', 'YF', ['YF'])],
  windows: [{ rule: 'YF-1', from: 'reach 9 months' }],
  paths: [{ id: 'YF', rule: 'YF-1', doses: [{ label: '1回' }] }],
  rules: {
    'YF-1': rule(
      'L7',
      'S',
      '生後9か月以上に1回で生涯有効。注射生ワクチンどうしは27日以上あける',
      'One dose for life from 9 months of age; an injected live vaccine',
    ),
  },
};
