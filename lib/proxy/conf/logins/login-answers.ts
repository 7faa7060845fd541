import { block } from "../block";
import { errorBody } from "../error-body";

/** Asks for a password where nginx or the registry answered 401. */
export function challenge(): string[] {
  return ["add_header WWW-Authenticate $challenge always;"];
}

/** For the location that checks a login. */
export function refusals(): string[] {
  return ["error_page 401 = @unauthorized;", "error_page 403 = @denied;"];
}

export function unauthorized(): string[] {
  return block("location @unauthorized", ["default_type application/json;", returnUnauthorized()]);
}

export function returnUnauthorized(): string {
  return `return 401 '${errorBody("UNAUTHORIZED", "authentication required")}';`;
}

/**
 * @param reason why this user may not do that
 * @param first lines for those who are not told so
 */
export function denied(reason: string, first: string[] = []): string[] {
  return block("location @denied", [
    "default_type application/json;",
    ...first,
    ...block("if ($login_status = 429)", [
      `return 429 '${errorBody("TOOMANYREQUESTS", "too many logins from this address: try again in a minute")}';`,
    ]),
    ...block("if ($login_status ~ ^5)", [
      `return 503 '${errorBody("UNAVAILABLE", "logins cannot be checked at the moment")}';`,
    ]),
    `return 403 '${errorBody("DENIED", `requested access to the resource is denied: ${reason}`)}';`,
  ]);
}
