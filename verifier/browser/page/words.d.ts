/** What build.js puts there: the sentences that the page says, of verifier/words/LANGUAGE.json, a table a language. */
declare module "kembar:words" {
  const tables: readonly { readonly [id: string]: any }[];
  export default tables;
}
