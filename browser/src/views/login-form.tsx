import { useRef, useState } from "preact/hooks";
import { asRegistryError } from "../registry/registry-error";
import type { LoginReason } from "../registry/session";
import { host, session, store } from "../state";
import { Dialog } from "./parts";

const WHY: Readonly<Record<LoginReason, string>> = {
  needed: "This registry asks for a login.",
  refused: "Your login is not accepted any more. Log in again to go on where you were.",
  wanted: "Log in to see and do more.",
};

/** The same name and password as for docker login. */
export function LoginForm({ reason, giveUp }: { reason: LoginReason; giveUp: () => void }) {
  const [failure, setFailure] = useState("");
  const [isBusy, setBusy] = useState(false);
  const user = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);

  const logIn = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setFailure("");
    const name = user.current?.value ?? "";
    const isSame = reason === "refused" && name === session.lastUser;
    // Otherwise what was asked for goes on by itself.
    const isShown = store.isComplete.value || store.failure.value !== undefined;
    try {
      await session.logIn(name, password.current?.value ?? "");
      if (isShown && !isSame) {
        store.renew();
      }
    } catch (thrown) {
      const error = asRegistryError(thrown);
      setFailure(error.status === 401 ? "The name or the password is wrong." : sentence(error.message));
      setBusy(false);
      password.current?.select();
    }
  };

  return (
    <Dialog title={`Log in to ${host}`} close={giveUp}>
      <form onSubmit={logIn}>
        <p>{WHY[reason]}</p>
        <label>
          Name
          <input ref={user} name="username" autocomplete="username" autocapitalize="none" spellcheck={false} required />
        </label>
        <label>
          Password
          <input ref={password} name="password" type="password" autocomplete="current-password" required />
        </label>
        <p class="bad-text" role="alert">
          {failure}
        </p>
        <div class="buttons">
          <button type="button" onClick={giveUp}>
            Cancel
          </button>
          <button type="submit" class="strong" disabled={isBusy}>
            Log in
          </button>
        </div>
        <p class="faint">The page keeps it in memory, until you reload or close it.</p>
      </form>
    </Dialog>
  );
}

function sentence(words: string): string {
  return `${words[0]?.toUpperCase() ?? ""}${words.slice(1)}.`;
}
