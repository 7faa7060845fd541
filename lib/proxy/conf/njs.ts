/** nginx' module for JavaScript: at this path in the maintainers' images and in Debian's package. */
export const NJS_MODULE = "/usr/lib/nginx/modules/ngx_http_js_module.so";

/** First words of the line that loads it; the check of the files looks for them. */
export const LOAD_NJS = `load_module ${NJS_MODULE};`;

/** The top of nginx.conf where some part calls JavaScript. */
export function loadModules(scripts: string[]): string[] {
  return scripts.length > 0 ? [LOAD_NJS, ""] : [];
}

/** In `http`: the object that `<name>.js` exports, by that name. */
export function importScripts(scripts: string[]): string[] {
  return scripts.map((name) => `js_import ${name} from ${scriptFile(name)};`);
}

/** A script's name among the files of the proxy. */
export function scriptFile(name: string): string {
  return `${name}.js`;
}
