// Allergens that families, clinics and municipalities name in several words. The foods are those that Japanese labels must name
// (食品表示基準 別表第14, as of 2026) and the most frequent of those that they should; in the form of `plainText`.

export const ALLERGENS: Readonly<Record<string, readonly string[]>> = {
  egg: ['卵', '鶏卵', 'タマゴ', '卵白', 'オボムコイド'],
  milk: ['乳', '牛乳', 'ミルク', '乳製品'],
  wheat: ['小麦', 'コムギ'],
  buckwheat: ['ソバ', '蕎麦'],
  peanut: ['落花生', 'ピーナッツ', 'ピーナツ'],
  shrimp: ['エビ', '海老'],
  crab: ['カニ', '蟹'],
  walnut: ['クルミ', '胡桃'],
  cashew: ['カシューナッツ', 'カシュー'],
  soy: ['大豆', 'ダイズ'],
  sesame: ['ゴマ', '胡麻'],
  'fish-roe': ['イクラ', '魚卵'],
  kiwi: ['キウイ', 'キウイフルーツ'],
};
