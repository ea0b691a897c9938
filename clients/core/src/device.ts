// What a device is called, from what its browser says of itself: enough to know one's own phone again.

const APPS: [RegExp, string][] = [
  [/wxwork/i, 'WeCom'], [/MicroMessenger/i, 'WeChat'], [/Edg\//, 'Edge'], [/Firefox\//, 'Firefox'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari'],
];
const SYSTEMS: [RegExp, string][] = [
  [/iPhone/, 'iPhone'], [/iPad/, 'iPad'], [/HarmonyOS|OpenHarmony/, 'HarmonyOS'], [/Android/, 'Android'], [/Windows/, 'Windows'], [/Mac OS X|Macintosh/, 'Mac'], [/Linux/, 'Linux'],
];

/** `''` when nothing is known. */
export function deviceName(label: string): string {
  const find = (table: [RegExp, string][]) => table.find(([sign]) => sign.test(label))?.[1];
  const known = [find(APPS), find(SYSTEMS)].filter(Boolean);
  return known.length > 0 ? known.join(', ') : label.slice(0, 40);
}
