/** What build.js puts there: the sentences that the page says, of verifier/words/LANGUAGE.json. */
declare module "kembar:words" {
  const tables: readonly [names: readonly (string | 0)[], ...languages: readonly (readonly any[])[]];
  export default tables;
}
