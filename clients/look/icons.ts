// Inline icons: 24 grid, drawn with the text's colour, always beside a word.

export const ICONS = {
  flag: 'M5 21V4h13l-3 4 3 4H5',
  box: 'M3 8l9-5 9 5v8l-9 5-9-5zM3 8l9 5 9-5M12 13v8',
  shop: 'M4 10v10h16V10M2.5 10L5 4h14l2.5 6zM9.5 20v-6h5v6',
  tick: 'M5 12.5l4.5 4.5L19 7.5',
  cross: 'M6 6l12 12M18 6L6 18',
  clock: 'M12 3a9 9 0 100 18 9 9 0 000-18zM12 7v5l3.2 2',
  lock: 'M7 11h10a2 2 0 012 2v5a2 2 0 01-2 2H7a2 2 0 01-2-2v-5a2 2 0 012-2zM8 11V8a4 4 0 018 0v3',
  up: 'M12 20V5M6 11l6-6 6 6',
  list: 'M4 6h16M4 12h11M4 18h6',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 5l12 7-12 7z',
  stop: 'M6 6h12v12H6z',
  minus: 'M5 12h14',
  plus: 'M5 12h14M12 5v14',
  truck: 'M2 6h12v10H2zM14 10h4l4 3.5V16h-8M6.5 16a2 2 0 100 4 2 2 0 000-4zM17.5 16a2 2 0 100 4 2 2 0 000-4z',
  warn: 'M12 3.5L22 20.5H2zM12 10v5M12 17.8v.2',
  right: 'M9 5l7 7-7 7',
  left: 'M15 5l-7 7 7 7',
  swap: 'M4 8h15l-4-4M20 16H5l4 4',
  wifi: 'M3 9a14 14 0 0118 0M6.5 12.8a9 9 0 0111 0M10 16.5a4 4 0 014 0M12 20h.01',
  dots: 'M5 12h.01M12 12h.01M19 12h.01',
  chart: 'M4 20V4M4 20h16M8 16v-5M12.5 16V8M17 16v-7',
  file: 'M6 3h9l4 4v14H6zM14 3v5h5M9 13h6M9 17h6',
  globe: 'M12 3a9 9 0 100 18 9 9 0 000-18zM3 12h18M12 3c2.7 2.5 4 5.500 4 9s-1.300 6.500-4 9c-2.700-2.500-4-5.500-4-9s1.300-6.500 4-9z',
  half: 'M12 3a9 9 0 100 18 9 9 0 000-18zM12 3v18M12 8h7M12 12h9M12 16h7',
  out: 'M14 4h6v16h-6M10 8l-4 4 4 4M6 12h9',
  people: 'M9 4a4 4 0 100 8 4 4 0 000-8zM2 21c0-4 3-6.500 7-6.500s7 2.500 7 6.500M16 4.500a4 4 0 010 7M18.500 15c2.300.8 3.500 3 3.500 6',
  phone: 'M7 2h10v20H7zM11 18.500h2',
} as const;

export type IconName = keyof typeof ICONS;
