import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inTurn } from "../../../bootstrap/turn";

describe("two npm starts of one checkout", () => {
  const folder = mkdtempSync(join(tmpdir(), "turn-"));
  const file = join(folder, "state", ".preparing");
  beforeEach(() => jest.spyOn(console, "log").mockImplementation());
  afterAll(() => rmSync(folder, { recursive: true }));

  test("prepare one after the other", async () => {
    let inside = 0;
    const work = async () => {
      expect(++inside).toBe(1);
      await sleep(50);
      inside--;
    };
    await Promise.all([inTurn(work, file), inTurn(work, file), inTurn(work, file)]);
    expect(existsSync(file)).toBe(false);
  });

  test("do not wait for one that was killed", async () => {
    const { pid } = spawnSync("true");
    writeFileSync(file, String(pid));
    await expect(inTurn(async () => "done", file)).resolves.toBe("done");
  });

  test("leave nothing behind after a failure", async () => {
    await expect(inTurn(() => Promise.reject(new Error("no")), file)).rejects.toThrow("no");
    expect(existsSync(file)).toBe(false);
  });
});
