import { Container } from "@cdktf/provider-docker/lib/container";
import { Volume } from "@cdktf/provider-docker/lib/volume";
import { TerraformVariable, Testing } from "cdktf";
import { ConfigVolume } from "../../../lib";
import { resolved, resources, reviewed, stackOf, synth } from "../synth";

const IMAGE = "sha256:0123";

function synthVolume(fill: (volume: ConfigVolume) => void, check?: string): string {
  return synth((stack) => fill(new ConfigVolume(stack, "Config", { imageId: IMAGE, check })));
}

describe("a config volume", () => {
  const oneFile = synthVolume((volume) => volume.addFile("nginx.conf", "events {}"));

  test("is named after the stack and itself", () => {
    expect(oneFile).toHaveResourceWithProperties(Volume, { name: "local-config" });
  });

  test("is filled by a container that runs once, without a network, and must not stay", () => {
    expect(oneFile).toHaveResourceWithProperties(Container, {
      name: "local-config-writer",
      image: IMAGE,
      must_run: false,
      restart: "no",
      network_mode: "none",
      attach: true,
      logs: true,
    });
  });

  test("is mounted by its writer and its reader, by the reader read-only", () => {
    const stack = stackOf();
    const volume = new ConfigVolume(stack, "Config", { imageId: IMAGE });
    volume.addFile("nginx.conf", "");
    const volumeName = resolved(stack, volume.resource.name);
    expect(resolved(stack, volume.mountAt("/config"))).toEqual({
      volumeName,
      containerPath: "/config",
      readOnly: true,
    });
    expect(resources(Testing.synth(stack, true), "docker_container").Config_Writer.volumes).toEqual([
      { volume_name: volumeName, container_path: "/config", read_only: false },
    ]);
  });

  test("is filled with no more rights than to give files away", () => {
    expect(oneFile).toHaveResourceWithProperties(Container, {
      user: "0:0",
      capabilities: { add: ["CAP_CHOWN"], drop: ["ALL"] },
      security_opts: ["no-new-privileges:true"],
      memory: 64,
      memory_swap: 64,
    });
  });

  test("fails the deploy when its writer fails, with the writer's own words", () => {
    const { lifecycle } = resources(oneFile, "docker_container").Config_Writer;
    expect(lifecycle.postcondition).toEqual([
      {
        condition: '${self.exit_code == 0 && can(regex("configuration is current:", self.container_logs))}',
        error_message: expect.stringMatching(
          /refused: what runs keeps the old one.*"docker rm local-config-writer" first.*\$\{coalesce\(self\.container_logs, ".*"\)\}/,
        ),
      },
    ]);
  });

  test("runs its script whatever the image's entry point is", () => {
    expect(oneFile).toHaveResourceWithProperties(Container, {
      entrypoint: ["/bin/sh", "-c"],
      command: [expect.stringContaining('echo "configuration is current: $version"')],
    });
  });

  test("uploads its files in the same order, however they were added", () => {
    const sorted = [
      { file: "/staged/a", content: "1", permissions: "0400" },
      { file: "/staged/tls/server.key", content: "2", permissions: "0400" },
    ];
    const forth = synthVolume((volume) => {
      volume.addFile("a", "1");
      volume.addFile("tls/server.key", "2");
    });
    const back = synthVolume((volume) => {
      volume.addFile("tls/server.key", "2");
      volume.addFile("a", "1");
    });
    expect(resources(forth, "docker_container").Config_Writer.upload).toEqual(sorted);
    expect(back).toBe(forth);
  });

  test("hands other volumes over to the reader's user", () => {
    const synthesised = synthVolume((volume) => {
      volume.addFile("config.yml", "version: 0.1");
      volume.giveToService("local-data");
    });
    expect(resources(synthesised, "docker_container").Config_Writer.volumes).toContainEqual({
      volume_name: "local-data",
      container_path: "/owned/0",
      read_only: false,
    });
  });

  test("tries the files by the reader's own program", () => {
    const synthesised = synthVolume((volume) => volume.addFile("nginx.conf", ""), "nginx -t");
    const [script] = resources(synthesised, "docker_container").Config_Writer.command;
    expect(script).toContain("if ! { nginx -t; }; then");
  });

  test("keeps ${…} of a file out of Terraform's hands", () => {
    const synthesised = synthVolume((volume) => volume.addFile("a", "root ${folder};"));
    const [file] = resources(synthesised, "docker_container").Config_Writer.upload;
    expect(file.content).toBe("root $${folder};");
    expect(reviewed(synthesised, "Config")).toEqual({ a: "root $${folder};" });
  });
});

describe("what a plan shows of a config volume", () => {
  const review = (fill: (volume: ConfigVolume) => void) => resources(synthVolume(fill), "terraform_data").Config_Review;

  test("is the text of files without secrets, by line: a plan shows those that change and none of the others", () => {
    expect(review((volume) => volume.addFile("nginx.conf", "events {\n}\n"))).toEqual({
      triggers_replace: { "nginx.conf": ["events {", "}", ""] },
    });
  });

  test("is nothing of a secret file", () => {
    expect(review((volume) => volume.addSecretFile("server.key", "PRIVATE"))).toEqual({ triggers_replace: {} });
  });

  test("is what a secret file gives for it", () => {
    expect(review((volume) => volume.addSecretFile("config.yml", "secret: s3cr3t", "secret: (sensitive)"))).toEqual({
      triggers_replace: { "config.yml": ["secret: (sensitive)"] },
    });
  });
});

describe("a config volume fails", () => {
  test("when it has no file", () => {
    expect(() => synthVolume(() => {})).toThrow(
      /local\/Config\] a ConfigVolume without files leaves its reader waiting\. Fix: call addFile or addSecretFile/,
    );
  });

  test.each(["/etc/passwd", "../nginx.conf", "tls/../../x", "tls//server.key", "", "./a", "a b", "it's", "$HOME"])(
    "when a path is %p",
    (path) => {
      expect(() => synthVolume((volume) => volume.addFile(path, ""))).toThrow(
        `local/Config: path is ${JSON.stringify(path)}, expected a path below the volume, of letters, digits, _ . and -, without .. in it. Fix: write it like "nginx.conf" or "tls/server.key".`,
      );
    },
  );

  test("when two files have the same path", () => {
    const twice = (volume: ConfigVolume) => {
      volume.addFile("users", "a");
      volume.addSecretFile("users", "b");
    };
    expect(() => synthVolume(twice)).toThrow(
      'local/Config: path is "users", expected a path that no other file of the volume has. Fix: choose another name for one of the two.',
    );
  });
});

describe("a secret in a config volume", () => {
  test("is written nowhere but into the upload", () => {
    const stack = stackOf();
    const password = new TerraformVariable(stack, "password", { sensitive: true });
    const volume = new ConfigVolume(stack, "Config", { imageId: IMAGE });
    volume.addSecretFile("users", `admin:${password.stringValue}`);
    expect(Testing.synth(stack, true).match(/\$\{var\.password\}/g)).toHaveLength(1);
  });
});
