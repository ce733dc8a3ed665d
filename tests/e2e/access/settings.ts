/** Settings that a person has made, in the browser or in the system. */
export interface Setting {
  readonly name: string;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly isDark?: boolean;
  readonly hasForcedColours?: boolean;
  /** Size of usual text in pixels, 16 in new browsers. */
  readonly textSize?: number;
}

const WIDE = { width: 1366, height: 768 };
const NARROW = { width: 320, height: 640 };

export const SETTINGS: readonly Setting[] = [
  { name: '1366 px, light', viewport: WIDE },
  { name: '320 px, dark', viewport: NARROW, isDark: true },
  { name: 'forced colours', viewport: WIDE, hasForcedColours: true },
  { name: 'forced colours, 320 px', viewport: NARROW, hasForcedColours: true },
  { name: 'text of 200 %', viewport: WIDE, textSize: 32 },
  { name: 'text of 200 %, 320 px', viewport: NARROW, textSize: 32 },
];
