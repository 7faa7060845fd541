import { App } from "cdktf";
import { Access, HtpasswdUser, LoginPlace, PublicEndpoint } from "../../../lib";
import { AuthenticatedRegistryStack, type AuthenticatedRegistryStackProps } from "../../../stacks";
import { annotations } from "../synth";
import { images } from "./upstream-images";
import { http } from "./variants";

const plain = PublicEndpoint.http({ host: "registry.example.com", port: 5080 });
const users = [HtpasswdUser.generated("ci", { access: Access.PUSH }), HtpasswdUser.generated("reader")];

const warnings = (props: Partial<AuthenticatedRegistryStackProps>) =>
  annotations(
    new AuthenticatedRegistryStack(new App(), "example", { endpoint: plain, images, users, ...props }),
  ).filter((text) => text.includes("passwords"));

describe("passwords in clear", () => {
  test.each(Object.values(LoginPlace))("over plain HTTP are warned about, checked by the %s", (loginPlace) => {
    expect(warnings({ loginPlace })).toEqual([
      expect.stringMatching(
        /^@cdktf\/warn: passwords go in clear over http:\/\/registry\.example\.com:5080: .*PublicEndpoint\.https/,
      ),
    ]);
  });

  test.each(Object.values(LoginPlace))("are none over TLS, checked by the %s", (loginPlace) => {
    const endpoint = PublicEndpoint.https({ host: "registry.example.com", port: 8443 });
    expect(warnings({ loginPlace, endpoint })).toEqual([]);
  });

  test("are none over plain HTTP where there are no users", () => {
    expect(annotations(http(new App()))).toEqual([]);
  });
});
