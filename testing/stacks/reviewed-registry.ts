import { TerraformOutput, TerraformVariable } from "cdktf";
import { images } from "../../environments/images";
import {
  Access,
  GarbageCollection,
  HtpasswdAuth,
  HtpasswdUser,
  type KeyAlgorithm,
  NginxProxy,
  PublicEndpoint,
  RedisCache,
  RegistryContainer,
  RegistryImage,
  RegistryStorage,
  Retention,
  SelfSignedCA,
} from "../../lib";
import { RegistryStack } from "../../stacks";
import { addProtectionOutput } from "../../stacks/data-protection";
import type { StackFactory } from "../machine/deployment";

/** What a pull request may change. */
export interface ReviewedProps {
  readonly port: number;
  readonly publishAddress?: string;
  /** Users with generated passwords, and what each may do; "dave" is there besides, with a password of his own. */
  readonly users: Readonly<Record<string, Access>>;
  readonly caKey?: KeyAlgorithm;
  readonly certificateDays?: number;
  readonly registryImage?: string;
  readonly volumeName?: string;
  readonly protectData?: boolean;
  readonly redis?: boolean;
  readonly bodyLimitMiB?: number;
  readonly networkName?: string;
  readonly registryId?: string;
  readonly keptTags?: number;
}

export const REVIEWED: Omit<ReviewedProps, "port"> = {
  users: { ci: Access.PUSH, reader: Access.PULL },
  redis: true,
  protectData: false,
};

/** A registry with everything that a review has something to say about; its constructs are the stack's own children. */
export function reviewedRegistry(props: ReviewedProps): StackFactory {
  return (app, id) => new ReviewedStack(app, id, props);
}

const lastPushed = (count: number): Retention => Retention.of({ rules: [{ keepLastPushed: count }] });

class ReviewedStack extends RegistryStack {
  constructor(scope: ConstructorParameters<typeof RegistryStack>[0], id: string, props: ReviewedProps) {
    const { port, publishAddress, users, keptTags } = props;
    const endpoint = PublicEndpoint.https({ host: "localhost", port, publishAddress });
    super(scope, id, { endpoint, images });
    const ca = new SelfSignedCA(this, "CA", { keyAlgorithm: props.caKey });
    const certificate = ca.issueCertificate("Server", { endpoint, validityDays: props.certificateDays });
    const auth = new HtpasswdAuth(this, "Users", {
      users: Object.entries(users).map(([name, access]) => HtpasswdUser.generated(name, { access })),
    });
    const dave = new TerraformVariable(this, "dave", { type: "string", sensitive: true });
    auth.addUser(HtpasswdUser.fromPassword("dave", dave.stringValue));
    const registry = new RegistryContainer(this, props.registryId ?? "Registry", {
      image: props.registryImage === undefined ? images.registry : RegistryImage.of(props.registryImage, 3),
      storage: RegistryStorage.filesystem({ volumeName: props.volumeName, protectData: props.protectData }),
      cache: props.redis ? new RedisCache(this, "Cache", { image: images.redis }) : undefined,
      maintenance: keptTags === undefined ? undefined : GarbageCollection.of({ retention: lastPushed(keptTags) }),
    });
    const { bodyLimitMiB } = props;
    const proxy = new NginxProxy(this, "Proxy", {
      image: images.nginx,
      endpoint,
      registry,
      certificate,
      auth,
      bodyLimitMiB,
    });
    if (props.networkName !== undefined) {
      proxy.network.name = props.networkName;
    }
    addProtectionOutput(this);
    new TerraformOutput(this, "ca_certificate", { value: ca.certificatePem });
    new TerraformOutput(this, "users", { value: auth.passwords, sensitive: true });
  }
}
