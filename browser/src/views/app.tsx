import { host, place, session, store } from "../state";
import { Icon } from "./icons";
import { Image } from "./image";
import { LoginForm } from "./login-form";
import { Heading, Nothing } from "./parts";
import { Repositories } from "./repositories";
import { Repository } from "./repository";

export function App() {
  const asked = session.asked.value;
  return (
    <>
      <header>
        <a href="#/" class="brand">
          <Icon name="box" />
          <span>{host}</span>
        </a>
        <Who />
      </header>
      <main>
        <Shown key={store.generation.value} />
      </main>
      {asked && <LoginForm reason={asked.reason} giveUp={asked.giveUp} />}
    </>
  );
}

function Who() {
  const user = session.user.value;
  if (user !== undefined) {
    return (
      <div class="who">
        <Icon name="user" />
        <span>{user}</span>
        <button
          type="button"
          onClick={() => {
            session.logOut();
            store.renew();
          }}
        >
          Log out
        </button>
      </div>
    );
  }
  return session.hasLogins.value ? (
    <div class="who">
      <button type="button" onClick={() => session.want()}>
        Log in
      </button>
    </div>
  ) : null;
}

function Shown() {
  const at = place.value;
  if (at.kind === "repository") {
    return <Repository repository={at.repository} key={at.repository} />;
  }
  if (at.kind === "image") {
    return <Image repository={at.repository} reference={at.reference} key={`${at.repository} ${at.reference}`} />;
  }
  if (at.kind === "unknown") {
    return (
      <>
        <Heading place="Not found">Not found</Heading>
        <Nothing>
          <bdi>{at.address}</bdi> is not the name of an image. <a href="#/">All repositories</a>
        </Nothing>
      </>
    );
  }
  return <Repositories />;
}
