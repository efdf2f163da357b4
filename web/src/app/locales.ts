/** The languages of the device that Intl takes. A Linux without settings has one called "C", others "en-US@posix", and Intl throws at those. */
export const deviceLocales = (): string[] => (navigator.languages ?? []).filter(isLocale);

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}
