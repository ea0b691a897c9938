// What the wall is drawn with, for a canvas that reads no style sheet: the tokens of board.css, and one of its pixels.

export const HUE = { data: '#6cbcf5', data_2: '#24506e', line: '#28343b', ink: '#f3f6f4', card: '#12191d' } as const;

/** `--u` in pixels of this screen. */
export const wallPixel = (): number => (window.innerWidth <= 760 ? 0.625 : Math.min(window.innerWidth / 1_920, window.innerHeight / 1_080));
