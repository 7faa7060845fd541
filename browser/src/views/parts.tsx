import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { RegistryError } from "../registry/registry-error";
import { formatAge, formatTime } from "../text/format";
import { Icon } from "./icons";

/** A text to take along. */
export function Copyable({ text, label, shown = text }: { text: string; label: string; shown?: string }) {
  const [done, setDone] = useState(false);
  useEffect(() => {
    const timer = done ? setTimeout(() => setDone(false), 2000) : undefined;
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <div class="copyable">
      <code>{shown}</code>
      <button type="button" class="quiet" aria-label={`Copy ${label}`} title="Copy" onClick={() => copy(text, setDone)}>
        <Icon name={done ? "check" : "copy"} />
        <span class="said" role="status">
          {done ? "Copied" : ""}
        </span>
      </button>
    </div>
  );
}

/** Browsers give pages over plain HTTP no clipboard, but for the old way. */
async function copy(text: string, tell: (done: boolean) => void): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
  } else {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  tell(true);
}

export function Age({ time }: { time?: number }) {
  return time === undefined ? (
    <span class="faint">–</span>
  ) : (
    <time dateTime={new Date(time).toISOString()} title={formatTime(time)}>
      {formatAge(time, Date.now())}
    </time>
  );
}

/** What went wrong, in the registry's words, and a way on. */
export function Failure({ error, what, again }: { error: RegistryError; what: string; again?: () => void }) {
  return (
    <div class="notice bad" role="alert">
      <Icon name="warning" />
      <div>
        <strong>{what}</strong>
        <p>
          {error.message} <code>{error.code}</code>
        </p>
        {again && (
          <button type="button" onClick={again}>
            Try again
          </button>
        )}
      </div>
    </div>
  );
}

export function Waiting({ what }: { what: string }) {
  return (
    <p class="waiting" role="status">
      <span class="spinner" aria-hidden="true" />
      {what}
    </p>
  );
}

/** Stands where something will be. */
export function Pending() {
  return <span class="pending" aria-hidden="true" />;
}

export function Nothing({ children }: { children: ComponentChildren }) {
  return <p class="nothing">{children}</p>;
}

/** A heading that says where one is; it gets the focus when the place changes. */
export function Heading({ children, place }: { children: ComponentChildren; place: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${place} – ${location.host}`;
    heading.current?.focus({ preventScroll: true });
  }, [place]);
  return (
    <h1 tabIndex={-1} ref={heading}>
      {children}
    </h1>
  );
}

/** The way back to what is above. */
export function Crumbs({ repository, reference }: { repository: string; reference?: string }) {
  return (
    <nav aria-label="Breadcrumb" class="crumbs">
      <a href="#/">Repositories</a>
      <Icon name="chevron" />
      {reference === undefined ? (
        <span aria-current="page">{repository}</span>
      ) : (
        <>
          <a href={`#/${repository}`}>{repository}</a>
          <Icon name="chevron" />
          <span aria-current="page">{reference}</span>
        </>
      )}
    </nav>
  );
}

/** A window above the page, with the browser's own care for focus and Escape. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const cancel = (event: Event) => {
    event.preventDefault();
    close();
  };
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onCancel={cancel}>
      <h2 id="dialog-title">{title}</h2>
      {children}
    </dialog>
  );
}
