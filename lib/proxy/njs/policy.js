// Who may do what. Rules add up, and what no rule allows is refused.

/** Who a rule is for that is for everybody, with a login or without; no user can have this name. */
const EVERYBODY = "*";

/**
 * The decision.
 *
 * @param rights rules by whom they are for, as in rights.json
 * @param user name of a user, or "" for who has not logged in
 * @param action pull, push or delete
 */
function allows(rights, user, repository, action) {
  return someRule(rights, user, (rule) =>
    some(
      rule.allow,
      (allowed) => allowed === action && some(rule.repositories, (pattern) => covers(pattern, repository)),
    ),
  );
}

/** Whether there is no repository that this user may not pull. */
function seesAll(rights, user) {
  return someRule(rights, user, (rule) =>
    some(rule.allow, (allowed) => allowed === "pull" && some(rule.repositories, (pattern) => pattern === "**")),
  );
}

/** Whether there is a rule for everybody, so that it makes sense to come without a login. */
function isOpen(rights) {
  return isNamed(rights, EVERYBODY);
}

function someRule(rights, user, test) {
  const hasOwn = user !== "" && user !== EVERYBODY && isNamed(rights, user) && some(rights[user], test);
  return hasOwn || (isOpen(rights) && some(rights[EVERYBODY], test));
}

/** A user may be called "constructor"; njs has no Object.hasOwn. */
function isNamed(object, name) {
  return Object.getOwnPropertyDescriptor(object, name) !== undefined;
}

/** What nginx has read from a file has no methods of arrays. */
function some(list, test) {
  for (let i = 0; i < list.length; i++) {
    if (test(list[i])) {
      return true;
    }
  }
  return false;
}

/**
 * Whether a pattern covers a repository. `*` stands for a component or part of one; `**` for any number of components,
 * at the end for one at least: `team/**` is what is in `team/`, not `team` itself.
 */
function covers(pattern, repository) {
  const star = pattern.indexOf("*");
  if (star < 0) {
    return pattern === repository;
  }
  if (star === pattern.length - 2 && pattern.endsWith("**")) {
    return repository.startsWith(pattern.slice(0, star));
  }
  // At the end one component at least.
  return componentsCover(pattern.replace(/\/\*\*$/, "/*/**").split("/"), repository.split("/"));
}

/** From left to right; where it fails, the last `**` takes one component more. */
function componentsCover(patterns, components) {
  let at = 0;
  let next = 0;
  let star = -1;
  let taken = 0;
  while (next < components.length) {
    if (patterns[at] === "**") {
      star = at;
      taken = next;
      at++;
    } else if (at < patterns.length && componentCovers(patterns[at], components[next])) {
      at++;
      next++;
    } else if (star >= 0) {
      at = star + 1;
      taken++;
      next = taken;
    } else {
      return false;
    }
  }
  while (patterns[at] === "**") {
    at++;
  }
  return at === patterns.length;
}

function componentCovers(pattern, component) {
  const parts = pattern.split("*");
  const first = parts[0];
  const last = parts[parts.length - 1];
  if (parts.length === 1) {
    return pattern === component;
  }
  if (component.length < first.length + last.length || !component.startsWith(first) || !component.endsWith(last)) {
    return false;
  }
  let at = first.length;
  return parts.slice(1, -1).every((part) => {
    const found = component.indexOf(part, at);
    at = found + part.length;
    return found >= 0 && at <= component.length - last.length;
  });
}

export default { allows, seesAll, isOpen, isNamed, some, covers };
