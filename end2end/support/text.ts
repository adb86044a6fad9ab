// The application's own texts, so that tests name keys and not sentences.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'smol-toml';

export type Language = 'en' | 'zh';
type Table = { [key: string]: string | Table };

const folder = join(import.meta.dirname, '../../app/locales');
const tables = { en: load('en'), zh: load('zh') };

function load(language: Language): Table {
  const found: Table = {};
  for (const file of readdirSync(join(folder, language))) {
    if (!file.endsWith('.toml')) continue;
    found[file.slice(0, -'.toml'.length)] = parse(readFileSync(join(folder, language, file), 'utf8')) as Table;
  }
  return found;
}

function find(language: Language, key: string): string {
  let at: string | Table | undefined = tables[language];
  for (const part of key.split('.')) at = typeof at === 'object' ? at[part] : undefined;
  if (typeof at !== 'string') throw new Error(`no text ${key} in ${language}`);
  return at;
}

/** Words a key such as `courses.title`; values fill `{...}` in the order of the English text. */
export type Say = (key: string, ...values: (string | number)[]) => string;

export function speaker(language: Language): Say {
  return (key, ...values) => {
    const names: string[] = [];
    for (const [, name] of find('en', key).matchAll(/\{(\w+)\}/g)) if (!names.includes(name!)) names.push(name!);
    return find(language, key).replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[names.indexOf(name)];
      return value === undefined ? whole : String(value);
    });
  };
}

/** What a text looks like whatever stands in its placeholders. */
export function pattern(language: Language, key: string): RegExp {
  const parts = find(language, key).split(/\{\w+\}/);
  return new RegExp(`^${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+')}$`);
}
