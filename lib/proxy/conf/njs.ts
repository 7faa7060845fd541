/** nginx' module for JavaScript: at this path in the maintainers' images and in Debian's package. */
export const NJS_MODULE = "/usr/lib/nginx/modules/ngx_http_js_module.so";

/** First words of the line that loads it; the check of the files looks for them. */
export const LOAD_NJS = `load_module ${NJS_MODULE};`;

const BEGIN = "# Only where the image has njs:";
const END = "# With every image again.";

const SHARED_DICTIONARY = "js_shared_dict_zone";
const BEGIN_SHARED = "# Only where njs has shared dictionaries, that is from 0.8 on:";
const END_SHARED = "# With every njs again.";

/** Lines that the check of the files takes out where the image has no njs. */
export function onlyWithNjs(lines: string[]): string[] {
  return lines.length > 0 ? [BEGIN, ...lines, END] : [];
}

/** Shell command that takes them out of a file. */
export function withoutNjs(file: string): string {
  return `sed -i '/^ *${BEGIN}$/,/^ *${END}$/d' ${file}`;
}

/** Among such lines: a dictionary that a script can do without. */
export function onlyWithSharedDictionaries(lines: string[]): string[] {
  return [BEGIN_SHARED, ...lines, END_SHARED];
}

/** Shell command that takes them out of a file where the image's njs does not know them. */
export function withoutUnknownDictionaries(file: string): string {
  return `grep -qs ${SHARED_DICTIONARY} ${NJS_MODULE} || sed -i '/^ *${BEGIN_SHARED}$/,/^ *${END_SHARED}$/d' ${file}`;
}

/** The top of nginx.conf where some part calls JavaScript, or does so if it can. */
export function loadModules(scripts: string[], optional: string[]): string[] {
  if (scripts.length > 0) {
    return [LOAD_NJS, ""];
  }
  return optional.length > 0 ? [...onlyWithNjs([LOAD_NJS]), ""] : [];
}

/** In `http`: the object that `<name>.js` exports, by its name in camel case. */
export function importScripts(scripts: string[]): string[] {
  return scripts.map((name) => `js_import ${scriptObject(name)} from ${scriptFile(name)};`);
}

/** A script's name in nginx.conf, which knows no hyphens there. */
export function scriptObject(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** A script's name among the files of the proxy. */
export function scriptFile(name: string): string {
  return `${name}.js`;
}
