import { failedTasks } from "../../../bootstrap/failed-tasks";
import { strangersAmong } from "../../../bootstrap/network-users";
import { managerProblem } from "../../../bootstrap/swarm-manager";

describe("npm start of an environment on a Swarm", () => {
  test("goes on when the engine is a manager", () => {
    expect(managerProblem("true\n", "swarm", "docker swarm init")).toBeUndefined();
  });

  test.each(["false\n", "\n"])("refuses an engine that answers %j, and says what makes it one", (answer) => {
    expect(managerProblem(answer, "swarm", "docker --host ssh://node swarm init")).toBe(
      "swarm needs the manager of a Docker Swarm, and this engine is none. Fix: docker --host ssh://node swarm init, or name a manager by `engine` in the environment",
    );
  });
});

describe("a deploy whose tasks do not come to run", () => {
  test("is told each different reason once, the latest three, and where", () => {
    const tasks = [
      '\t"no suitable node (host-mode port already in use on 1 node)"',
      'node-2\t"task: non-zero exit (1)"',
      "node-1\t",
      'node-2\t"task: non-zero exit (1)"',
      "node-1\tNo such image: a",
      "node-1\tolder",
    ];
    expect(failedTasks("swarm-proxy", tasks.join("\n"))).toEqual([
      "swarm-proxy: no suitable node (host-mode port already in use on 1 node)",
      "swarm-proxy on node-2: task: non-zero exit (1)",
      "swarm-proxy on node-1: No such image: a",
    ]);
  });

  test("is told nothing more where all of them run", () => {
    expect(failedTasks("swarm-proxy", "node-1\t\nnode-2\t\n")).toEqual([]);
  });
});

describe("npm stop", () => {
  const own = new Set(["container-1", "service-1"]);

  test("takes no container of its own for a stranger, and no task of its services", () => {
    expect(strangersAmong(["container-1 local-proxy ", "task-1 swarm-proxy.1.abc service-1"], own)).toEqual([]);
  });

  test("names containers and tasks of others", () => {
    const others = ["container-2 mirror ", "task-2 other.1.abc service-2"];
    expect(strangersAmong([...others, "container-1 local-proxy "], own)).toEqual(["mirror", "other.1.abc"]);
  });
});
