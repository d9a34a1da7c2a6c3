import type { en } from './en.ts';

/** A text whose form depends on `{count}`. */
export type Plural = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { readonly other: string }>;

type Source = typeof en;
export type Key = keyof Source;

/** Names in braces of a text. */
type Names<T extends string> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type TextOf<M> = M extends string ? M : M extends { readonly other: infer T extends string } ? T : never;

/** What `t` must be given beside the key: nothing, or a value for every name in braces. */
export type ValuesOf<K extends Key> =
  Names<TextOf<Source[K]>> extends never
    ? []
    : [values: { readonly [N in Names<TextOf<Source[K]>>]: string | number }];

/** The catalogue in another language, with exactly the plural forms this language has. */
export type Translation<Rule extends Intl.LDMLPluralRule> = {
  readonly [K in Key]: Source[K] extends string ? string : Readonly<Record<Rule, string>>;
};

export type Catalogue = Readonly<Record<Key, string | Plural>>;
