// Runs before the first paint: theme, language and direction as chosen, so that nothing flashes or turns over.
// The choices are kept by state/theme.ts and strings/language.ts.
(() => {
  const root = document.documentElement;
  const kept = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const theme = kept('parley.theme');
  if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
  const spoken = [kept('parley.language'), ...navigator.languages].map((tag) => (tag ?? '').split('-')[0]);
  const language = spoken.find((tag) => tag === 'en' || tag === 'ar') ?? 'en';
  root.lang = language;
  root.dir = language === 'ar' ? 'rtl' : 'ltr';
})();
