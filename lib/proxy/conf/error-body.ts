/** A registry's answer to what went wrong, as a string of nginx.conf. */
export function errorBody(code: string, message: string): string {
  const body = JSON.stringify({ errors: [{ code, message, detail: null }] });
  return `${body.replace(/'/g, "\\'")}\\n`;
}
