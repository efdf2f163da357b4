const LONGEST = 2000;

/** An address that may be opened, as the server takes it. Null: it is none. Without a scheme it is one of the web. */
export function withScheme(text: string): string | null {
  const trimmed = text.trim();
  const whole = /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(trimmed) ? trimmed : `https://${trimmed}`;
  if (whole.length > LONGEST || !/^[a-z][a-z0-9+.-]*:[^\s\p{Cc}]+$/iu.test(whole)) return null;
  if (/^https?:/i.test(whole) && !URL.canParse(whole)) return null;
  return /^(javascript|data|vbscript):/i.test(whole) ? null : whole;
}
