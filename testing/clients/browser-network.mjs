// Runs a browser in a network of its own, where nothing changes, with the machine's ports that it is to see: each is a
// socket of the given folder, named after the port. Arguments: the folder, the browser, and what it is started with.
import { execFileSync, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";

const [folder, browser, ...args] = process.argv.slice(2);

execFileSync("ip", ["link", "set", "lo", "up"]);
for (const name of readdirSync(folder).filter((file) => file.endsWith(".sock"))) {
  const server = net.createServer((client) => {
    const machine = net.connect(join(folder, name));
    client.pipe(machine).pipe(client);
    client.on("error", () => machine.destroy());
    machine.on("error", () => client.destroy());
  });
  server.listen(Number(name.replace(".sock", "")), "127.0.0.1");
}
// 3 and 4 are how it is told what to do.
const child = spawn(browser, args, { stdio: ["inherit", "inherit", "inherit", 3, 4] });
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code) => process.exit(code ?? 1));
