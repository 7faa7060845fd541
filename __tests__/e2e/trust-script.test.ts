import { http, Machine } from "../unit/client/client-machine";

/** Where the machine has jq or Python; without them the script leaves the file alone, as the unit tests show. */
describe("a client's daemon.json", () => {
  let machine: Machine;
  const daemonJson = () => JSON.parse(machine.read("etc/docker/daemon.json"));

  beforeEach(() => {
    machine = new Machine(http);
  });
  afterEach(() => machine.remove());

  test("keeps its other settings, and comes back byte for byte", async () => {
    const before = '{"log-driver":"local",   "insecure-registries":["other:5000"]}';
    machine.write("etc/docker/daemon.json", before);
    await machine.install();
    expect(daemonJson()).toEqual({
      "log-driver": "local",
      "insecure-registries": ["other:5000", "registry.example.com:5080"],
    });
    await machine.install("--undo");
    expect(machine.read("etc/docker/daemon.json")).toBe(before);
  });

  test("loses only our part when somebody added to it since", async () => {
    await machine.install();
    machine.write("etc/docker/daemon.json", JSON.stringify({ ...daemonJson(), debug: true }));
    const { exitCode } = await machine.install("--undo");
    expect(exitCode).toBe(0);
    expect(daemonJson()).toEqual({ debug: true });
  });
});
