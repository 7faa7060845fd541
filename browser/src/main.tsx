import { render } from "preact";
import { store } from "./state";
import { App } from "./views/app";

const root = document.getElementById("app");
if (root) {
  store.load();
  render(<App />, root);
}
