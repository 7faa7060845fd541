import { Docker } from "../../../bootstrap/docker";
import { remoteFailure } from "../../../bootstrap/remote-engine";

describe("an engine elsewhere that does not answer", () => {
  const ssh = (stderr: string) =>
    `error during connect: Get "http://docker.example.com/v1.41/version": command [ssh -l deploy -p 2222 -- registry.example.com docker system dial-stdio] has exited with exit status 255, make sure the URL is valid, and Docker 18.09 or later is installed on the remote host: stderr=${stderr}`;

  const bySsh = new Docker({ engine: "ssh://deploy@registry.example.com:2222" });
  const byTcp = new Docker({ engine: "tcp://registry.example.com:2376", engineCertPath: "/certs" });

  test.each([
    [
      bySsh,
      ssh("Host key verification failed."),
      "Host key verification failed. Fix: connect once by hand and compare the key's fingerprint: ssh -p 2222 deploy@registry.example.com true",
    ],
    [
      bySsh,
      ssh("deploy@registry.example.com: Permission denied (publickey)."),
      "Fix: give that account your public key (ssh-copy-id), or load the right one (ssh-add): ssh -p 2222 deploy@registry.example.com true",
    ],
    [
      bySsh,
      ssh("@@@\nWARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!\n@@@\nHost key verification failed."),
      "ssh-keygen -R '[registry.example.com]:2222'",
    ],
    [
      bySsh,
      ssh("ssh: connect to host registry.example.com port 2222: Connection refused"),
      "Connection refused. Fix: start it there, or open the way to it; then this must answer: docker --host ssh://deploy@registry.example.com:2222 version",
    ],
    [bySsh, ssh("sh: 1: docker: not found"), "Fix: install Docker on that machine"],
    [
      bySsh,
      ssh("permission denied while trying to connect to the Docker daemon socket"),
      "usermod --append --groups docker",
    ],
    [
      byTcp,
      "error during connect: tls: failed to verify certificate: x509: certificate signed by unknown authority",
      "ca.pem in engineCertPath",
    ],
    [byTcp, "error during connect: remote error: tls: bad certificate", "cert.pem and key.pem in engineCertPath"],
    [
      byTcp,
      'could not read CA certificate "/certs/ca.pem": open /certs/ca.pem: no such file or directory',
      "engineCertPath must be a folder with ca.pem, cert.pem and key.pem",
    ],
    [byTcp, "Error response from daemon: Client sent an HTTP request to an HTTPS server.", "set engineCertPath"],
  ])("is told in one line with the fix (%#)", (docker, output, words) => {
    const message = remoteFailure(docker, { exitCode: 1, stdout: "", output });
    expect(message).toContain(words);
    expect(message).toContain(`the Docker engine of ${docker.engine} does not answer: `);
    expect(message).not.toContain("\n");
  });
});
