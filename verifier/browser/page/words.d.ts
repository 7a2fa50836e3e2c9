/** What build.js puts there: the sentences that the page says, of verifier/words/LANGUAGE.json. */
declare module "kembar:words" {
  const tables: readonly [ids: readonly string[], ...languages: readonly (readonly any[])[]];
  export default tables;
}
