/** The first that is found counts: Edge and Opera say that they are Chrome, and Chrome that it is Safari. */
const BROWSERS = [
  ["Edg", "Edge"],
  ["OPR", "Opera"],
  ["SamsungBrowser", "Samsung Internet"],
  ["Firefox", "Firefox"],
  ["FxiOS", "Firefox"],
  ["Chrome", "Chrome"],
  ["CriOS", "Chrome"],
  ["Safari", "Safari"],
] as const;
const SYSTEMS = [
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Android", "Android"],
  ["Windows", "Windows"],
  ["Mac OS X", "Mac"],
  ["CrOS", "ChromeOS"],
  ["Linux", "Linux"],
] as const;

/** "Firefox · Linux" of what a browser calls itself; any other program by its own word. */
export function deviceOf(userAgent: string | null): string | null {
  if (!userAgent?.startsWith("Mozilla/")) return userAgent?.slice(0, 60) || null;
  const found = [BROWSERS, SYSTEMS].map((table) => table.find(([word]) => userAgent.includes(word))?.[1]);
  return found.filter(Boolean).join(" · ") || userAgent.slice(0, 60);
}
